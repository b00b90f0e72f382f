//! The stages of a run, for those who want to see it go on.

use std::fmt;
use std::sync::Arc;

/// A stage of the generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// The document is read, with its overlays and the files that it refers to.
    Load,
    /// Its operations and schemas are understood.
    Model,
    /// The tags of its operations are inferred.
    Plan,
    /// The code is put into words.
    Emit,
}

impl Stage {
    /// Its name: `load`, `model`, `plan` or `emit`.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Load => "load",
            Stage::Model => "model",
            Stage::Plan => "plan",
            Stage::Emit => "emit",
        }
    }
}

/// Who is told when a stage begins.
#[derive(Clone, Default)]
pub(crate) struct Hook(Option<Arc<dyn Fn(Stage) + Send + Sync>>);

impl Hook {
    pub(crate) fn new(hook: impl Fn(Stage) + Send + Sync + 'static) -> Hook {
        Hook(Some(Arc::new(hook)))
    }

    pub(crate) fn begin(&self, stage: Stage) {
        if let Some(hook) = &self.0 {
            hook(stage);
        }
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Hook" } else { "no hook" })
    }
}
