//! The stages in their order: from a document that was read to files that can be written.

#[cfg(feature = "cli")]
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::coverage::Coverage;
use crate::diagnostic::{Diagnostic, Located};
use crate::emit;
use crate::error::Error;
use crate::generator::Generated;
#[cfg(feature = "cli")]
use crate::learn::{Care, Learned};
use crate::load::Document;
use crate::mock;
use crate::model::{self, Api};
use crate::normalise::{self, Spec};
#[cfg(feature = "cli")]
use crate::plan::Source as PlanSource;
use crate::plan::{self, Plan};
#[cfg(feature = "cli")]
use crate::recording::Step;
use crate::select::{self, Selected};
use crate::settings::Settings;
use crate::stage::{Hook, Stage};

/// What is wanted of a document.
pub(crate) struct Job {
    /// What the header of each file says it was made from.
    pub(crate) source: String,
    /// Selectors; all operations without one.
    pub(crate) only: Vec<String>,
    pub(crate) settings: Settings,
    pub(crate) hook: Hook,
    pub(crate) replan: Replan,
}

/// Changes a plan.
type Change = dyn Fn(&mut Plan) + Send + Sync;

/// Changes a plan before it is written out: for tests of what a plan can say.
#[derive(Clone, Default)]
pub(crate) struct Replan(pub(crate) Option<Arc<Change>>);

impl fmt::Debug for Replan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Replan").finish_non_exhaustive()
    }
}

/// Runs every stage after the first.
///
/// # Errors
/// When it is no OpenAPI document, and when a selector names nothing in it.
pub(crate) fn run(document: &Document, job: &Job) -> Result<Generated, Error> {
    let fatal = |problem| normalise::fatal(document, problem);
    job.hook.begin(Stage::Model);
    let spec = Spec::new(document).map_err(fatal)?;
    let (mut api, mut plan) = planned(document, &spec, job)?;
    let mut coverage = std::mem::take(&mut api.coverage);
    let mut problems;
    if job.only.is_empty() {
        problems = spec.into_problems();
    } else {
        let found = select::find(&job.only, &api, spec.outlines());
        let mut selected = found.map_err(|problems| normalise::fatal(document, problems))?;
        selected.apply(&mut api, &mut plan, job.settings);
        problems = spec.into_problems();
        coverage = survey(document, job.settings, &selected, &mut problems)?;
    }
    job.hook.begin(Stage::Emit);
    let mock = job.settings.mock.then(|| mock::answers(document, &api));
    let files = emit::emit(&api, &plan, mock.as_deref(), &job.source)?;
    let read = document.sources.iter().map(|source| &source.path);
    let sources = read.chain(&document.missing).cloned().collect();
    let warnings = located(document, problems);
    Ok(Generated { files, plan, warnings, coverage: Coverage::new(document, coverage), sources })
}

fn planned(document: &Document, spec: &Spec<'_>, job: &Job) -> Result<(Api, Plan), Error> {
    let api = model::build(spec, job.settings);
    job.hook.begin(Stage::Plan);
    let mut plan = plan::infer(&api);
    plan::apply(&api, &mut plan).map_err(|problems| normalise::fatal(document, problems))?;
    if let Some(change) = &job.replan.0 {
        change(&mut plan);
    }
    plan::correct(&api, &mut plan);
    Ok((api, plan))
}

/// The plan, and what recorded traffic teaches about it.
///
/// # Errors
/// As [`run`].
#[cfg(feature = "cli")]
pub(crate) fn learn(document: &Document, job: &Job, steps: &[Step], care: Care) -> Result<(Plan, Learned), Error> {
    job.hook.begin(Stage::Model);
    let spec = Spec::new(document).map_err(|problem| normalise::fatal(document, problem))?;
    let (api, plan) = planned(document, &spec, job)?;
    let operations: BTreeMap<&str, &model::Operation> =
        api.operations.iter().map(|operation| (operation.id.as_str(), operation)).collect();
    let can_say = |id: &str, source: &PlanSource| {
        operations.get(id).is_some_and(|operation| plan::leads_to_a_value(&api, operation, source))
    };
    let learned = crate::learn::learn(&plan, steps, care, &can_say);
    Ok((plan, learned))
}

/// Looks at what was selected on its own: a problem of a schema is told of with whichever operation is read first, and
/// that may be one that was not selected.
fn survey(
    document: &Document,
    settings: Settings,
    selected: &Selected,
    problems: &mut Vec<Diagnostic>,
) -> Result<model::Coverage, Error> {
    let spec = Spec::new(document).map_err(|problem| normalise::fatal(document, problem))?;
    let coverage = model::survey(&spec, settings, |operation| selected.has(&operation.method, &operation.path));
    let elsewhere = spec.elsewhere(|method, path| selected.has(method, path));
    problems.extend(spec.into_problems());
    problems.retain(|problem| selected.concerns(problem, &elsewhere));
    Ok(coverage)
}

/// The problems with their places, in the order of the files, each once.
fn located(document: &Document, problems: Vec<Diagnostic>) -> Vec<Located> {
    let mut warnings: Vec<Located> =
        problems.into_iter().map(|problem| Located::new(&document.sources, problem)).collect();
    let by_file = |warning: &Located| {
        document.sources.iter().position(|source| source.path.display().to_string() == warning.file)
    };
    warnings.sort_by_cached_key(|warning| (by_file(warning), warning.line, warning.column, warning.message.clone()));
    // A schema that is read twice is told of once.
    warnings.dedup_by(|a, b| (&a.file, a.line, a.column, &a.message) == (&b.file, b.line, b.column, &b.message));
    warnings
}
