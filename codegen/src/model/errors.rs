//! What refusals bring: one enum by status for all operations that agree.

use super::builder::Builder;
use super::name;
use super::{Api, Decoding, ErrorBody, Group, Operation, StatusVariant, Type, TypeDef, TypeId, TypeKind};
use crate::normalise::Status;

/// What a refusal brings: its type, unless it is empty, and how that is read.
type Brings = (Option<Type>, Decoding);

/// What stands for which status. Operations that agree where they overlap share one.
struct Table {
    rows: Vec<(Status, Brings)>,
    operations: Vec<usize>,
}

impl Table {
    /// What a status brings: the status itself counts more than its range, and that more than `default`.
    fn of(&self, status: Status) -> Option<&Brings> {
        let find = |wanted: Status| self.rows.iter().find(|(status, _)| *status == wanted).map(|(_, brings)| brings);
        let range = match status {
            Status::Code(code) => find(status).or_else(|| find(Status::Range(code / 100))),
            other => find(other),
        };
        range.or_else(|| find(Status::Default))
    }

    /// Whether no status means one thing here and another there.
    fn agrees(&self, other: &Table) -> bool {
        let statuses = self.rows.iter().chain(&other.rows).map(|(status, _)| *status);
        statuses.into_iter().all(|status| match (self.of(status), other.of(status)) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        })
    }

    /// What its enum is called: after the operation of which it is, or else after the module of which all its operations are.
    fn name(&self, is_main: bool, operations: &[Operation], groups: &[Group]) -> String {
        let all: Vec<&Operation> = self.operations.iter().map(|at| &operations[*at]).collect();
        match all.as_slice() {
            [only] => format!("{}Error", only.stem),
            [first, rest @ ..] if !is_main && rest.iter().all(|other| other.group == first.group) => {
                format!("{}Error", name::type_name(groups[first.group].module.trim_start_matches("r#")))
            }
            _ => "ApiError".to_owned(),
        }
    }

    fn add(&mut self, other: Table) {
        for row in other.rows {
            if !self.rows.contains(&row) {
                self.rows.push(row);
            }
        }
        self.operations.extend(other.operations);
    }
}

impl Builder<'_, '_> {
    /// Gives each operation whose refusals are documented the enum that holds them.
    ///
    /// Most APIs describe a status in the same way wherever they do, so that one enum serves all of them; only what
    /// contradicts it gets another.
    pub(super) fn share_errors(&mut self, operations: &mut [Operation], groups: &[Group]) {
        let mut tables: Vec<Table> = Vec::new();
        for (at, operation) in operations.iter().enumerate().filter(|(_, operation)| !operation.errors.is_empty()) {
            let row = |error: &ErrorBody| (error.status, (error.ty.clone(), error.decoding));
            let table = Table { rows: operation.errors.iter().map(row).collect(), operations: vec![at] };
            match tables.iter_mut().find(|other| other.agrees(&table)) {
                Some(same) => same.add(table),
                None => tables.push(table),
            }
        }
        // The one that most operations share has the plain name, however the others come.
        if let Some(main) = (0..tables.len()).rev().max_by_key(|at| tables[*at].operations.len()) {
            tables[..=main].rotate_right(1);
        }
        for (at, table) in tables.into_iter().enumerate() {
            let name = table.name(at == 0, operations, groups);
            let doc = match table.operations.as_slice() {
                [only] => format!("How `{}` is refused, by status.", operations[*only].function),
                _ => "How operations are refused, by status.".to_owned(),
            };
            let variants = table.rows.iter().map(|(status, (ty, decoding))| StatusVariant {
                name: status.name(),
                statuses: status.pattern(),
                rank: status.rank(),
                doc: String::new(),
                ty: ty.clone(),
                decoding: *decoding,
            });
            let id = self.by_status(&name, doc, variants.collect(), false);
            for at in table.operations {
                operations[at].error_enum = Some(Type::Named(id));
            }
        }
    }

    /// An enum of responses, a single status before its range and `default` last.
    pub(super) fn by_status(
        &mut self,
        name: &str,
        doc: String,
        mut variants: Vec<StatusVariant>,
        open: bool,
    ) -> TypeId {
        variants.sort_by_key(|variant| variant.rank);
        let kind = TypeKind::ByStatus { variants, open };
        let name = self.type_names.unique(name);
        let stem = name.clone();
        self.types.push(TypeDef {
            name,
            stem,
            schema: None,
            doc,
            deprecated: false,
            kind,
            sent: false,
            received: false,
        });
        TypeId(self.types.len() - 1)
    }
}

/// Takes out what no operation documents that is left, so that few operations bring few types.
pub(crate) fn trim_errors(api: &mut Api) {
    for at in 0..api.types.len() {
        let users = api.operations.iter().filter(|operation| operation.error_enum == Some(Type::Named(TypeId(at))));
        let names: Vec<String> =
            users.flat_map(|operation| &operation.errors).map(|error| error.status.name()).collect();
        if let (false, TypeKind::ByStatus { variants, .. }) = (names.is_empty(), &mut api.types[at].kind) {
            variants.retain(|variant| names.contains(&variant.name));
        }
    }
}
