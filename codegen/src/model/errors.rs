//! What refusals bring: one type, or one enum by status for all operations that agree.

use super::builder::Builder;
use super::{Decoding, Operation, StatusVariant, Type, TypeDef, TypeId, TypeKind};
use crate::normalise::Status;

/// Which type stands for which status. Operations that agree where they overlap share one.
struct Table {
    rows: Vec<(Status, Type)>,
    operations: Vec<usize>,
}

impl Table {
    /// The type for a status: the status itself counts more than its range, and that more than `default`.
    fn of(&self, status: Status) -> Option<&Type> {
        let find = |wanted: Status| self.rows.iter().find(|(status, _)| *status == wanted).map(|(_, ty)| ty);
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
    /// Gives each operation that is refused with several types the enum that holds them.
    ///
    /// Most APIs describe a status in the same way wherever they do, so that one enum serves all of them; only what
    /// contradicts it gets another.
    pub(super) fn share_errors(&mut self, operations: &mut [Operation]) {
        let mut tables: Vec<Table> = Vec::new();
        for (at, operation) in operations.iter().enumerate() {
            let rows = operation.errors.iter().filter_map(|error| Some((error.status, error.ty.clone()?)));
            let rows: Vec<(Status, Type)> = rows.collect();
            let one = rows.iter().all(|(_, ty)| *ty == rows[0].1);
            if one {
                continue;
            }
            let table = Table { rows, operations: vec![at] };
            match tables.iter_mut().find(|other| other.agrees(&table)) {
                Some(same) => same.add(table),
                None => tables.push(table),
            }
        }
        for table in tables {
            let only = match table.operations.as_slice() {
                [only] => Some(&operations[*only]),
                _ => None,
            };
            let name = only.map_or("ApiError".to_owned(), |operation| {
                format!("{}Error", super::name::type_name(&operation.function))
            });
            let doc = match only {
                Some(operation) => format!("How `{}` is refused, by status.", operation.function),
                None => "How operations are refused, by status.".to_owned(),
            };
            let variants = table.rows.iter().map(|(status, ty)| StatusVariant {
                name: status.name(),
                statuses: status.pattern(),
                rank: status.rank(),
                doc: String::new(),
                ty: Some(ty.clone()),
                decoding: Decoding::Json,
            });
            let id = self.by_status(&name, doc, variants.collect(), false);
            for at in table.operations {
                operations[at].several_errors = Some(Type::Named(id));
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
        self.types.push(TypeDef { name, stem, schema: None, doc, deprecated: false, kind, sent: false, received: false });
        TypeId(self.types.len() - 1)
    }
}
