//! What kinds of tags the plans of documents have: how far inference got, in numbers.

use larder_codegen::plan::{Kind, Operation, Plan, Scope, Tag};
use serde_json::{Value, json};

/// Operations of one kind by what their tags say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shares {
    pub operations: usize,
    /// At least one tag names an entity.
    pub ids: usize,
    /// At least one names a list.
    pub lists: usize,
    /// All of them name all of a type.
    pub floor: usize,
    /// There is no tag.
    pub nothing: usize,
}

/// The queries and the mutations of a plan.
pub fn shares(plan: &Plan) -> [Shares; 2] {
    [Kind::Query, Kind::Mutation].map(|kind| {
        let mut shares = Shares::default();
        plan.operations.iter().filter(|operation| operation.kind == kind).for_each(|operation| shares.count(operation));
        shares
    })
}

impl Shares {
    fn count(&mut self, operation: &Operation) {
        let tags = || operation.provides.iter().chain(&operation.invalidates);
        let any = |is: fn(&Tag) -> bool| usize::from(tags().any(is));
        let (id, list) =
            (any(|tag| matches!(tag.scope, Scope::Id { .. })), any(|tag| matches!(tag.scope, Scope::List { .. })));
        let has_tags = tags().next().is_some();
        self.operations += 1;
        self.ids += id;
        self.lists += list;
        self.floor += usize::from(has_tags && id + list == 0);
        self.nothing += usize::from(!has_tags);
    }

    fn add(&mut self, other: &Shares) {
        self.operations += other.operations;
        self.ids += other.ids;
        self.lists += other.lists;
        self.floor += other.floor;
        self.nothing += other.nothing;
    }

    /// For tools, and for the process that counts.
    pub fn json(&self) -> Value {
        json!({ "operations": self.operations, "ids": self.ids, "lists": self.lists, "floor": self.floor,
                "nothing": self.nothing })
    }

    /// What [`json`](Self::json) wrote.
    pub fn read(said: &Value) -> Shares {
        let count = |key: &str| said[key].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or_default();
        Shares {
            operations: count("operations"),
            ids: count("ids"),
            lists: count("lists"),
            floor: count("floor"),
            nothing: count("nothing"),
        }
    }

    /// Their number, and each share in per cent.
    fn cells(&self) -> String {
        let share = |count: usize| match (count * 100).checked_div(self.operations) {
            Some(share) => format!("{share}%"),
            None => "-".to_owned(),
        };
        let shares = [self.ids, self.lists, self.floor, self.nothing].map(share);
        format!("{:>5} {:>5} {:>5} {:>6} {:>8}", self.operations, shares[0], shares[1], shares[2], shares[3])
    }
}

/// A row for each document and one for all.
pub fn table<'a>(documents: impl Iterator<Item = (&'a str, [Shares; 2])>) {
    println!("\nplans: operations with a tag of an id, of a list, with tags of whole types alone, without any");
    let head = "ids lists  types  nothing";
    println!("{:<21} queries   {head}  mutations   {head}", "document");
    let mut all = [Shares::default(); 2];
    for (name, shares) in documents {
        all.iter_mut().zip(&shares).for_each(|(sum, one)| sum.add(one));
        row(name, &shares);
    }
    row("all", &all);
}

fn row(name: &str, [queries, mutations]: &[Shares; 2]) {
    println!("{name:<21} {:>2}{}    {}", "", queries.cells(), mutations.cells());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use larder_codegen::plan::{Kind, Operation, Plan, Scope, Tag};

    use super::{Shares, shares};

    fn operation(kind: Kind, scopes: Vec<Scope>) -> Operation {
        let tag = |scope| Tag {
            tag_type: "Post".to_owned(),
            scope,
            reference: false,
            gone: false,
            from_args: false,
            confidence: 1.0,
            why: String::new(),
        };
        Operation {
            id: String::new(),
            kind,
            method: String::new(),
            path: String::new(),
            function: String::new(),
            provides: scopes.into_iter().map(tag).collect(),
            invalidates: Vec::new(),
            writes: Vec::new(),
            paging: None,
            with: None,
            why: Vec::new(),
        }
    }

    #[test]
    fn an_operation_counts_by_the_finest_of_its_tags() {
        let (id, list) = (|| Scope::Id { id: Vec::new() }, || Scope::List { list: BTreeMap::new(), filtered: false });
        let plan = Plan {
            larder: 1,
            title: String::new(),
            version: String::new(),
            tag_types: Vec::new(),
            operations: vec![
                operation(Kind::Query, vec![id(), list(), Scope::Type {}]),
                operation(Kind::Query, vec![list()]),
                operation(Kind::Query, vec![Scope::Type {}]),
                operation(Kind::Query, Vec::new()),
                operation(Kind::Mutation, vec![id()]),
            ],
            warnings: Vec::new(),
        };
        let [queries, mutations] = shares(&plan);
        let Shares { operations, ids, lists, floor, nothing } = Shares::read(&queries.json());
        assert_eq!([operations, ids, lists, floor, nothing], [4, 1, 2, 1, 1]);
        assert_eq!((mutations.operations, mutations.ids, mutations.nothing), (1, 1, 0));
        assert_eq!(queries.cells(), "    4   25%   50%    25%      25%");
    }
}
