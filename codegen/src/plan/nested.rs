//! What else is in a result: embedded entities, keys that refer, counters, names of others.

use std::collections::BTreeMap;

use super::query::Found;
use super::relation::Foreign;
use super::spot::Spot;
use super::views::shows;
use super::words::{counts, counts_thing, done_by, mentions, plain, says_nothing_of, thing, words};
use super::{Kind, Source, Tag};
use crate::model::{Field, Type, TypeId};
use crate::pointer::escape;

/// Entities nested deeper than this are not followed.
const MAX_DEPTH: usize = 5;

/// Fields by which one thing is shown within another.
const NAMING: [&str; 12] = [
    "name",
    "title",
    "slug",
    "label",
    "username",
    "email",
    "avatar",
    "color",
    "display_name",
    "full_name",
    "image",
    "icon",
];

/// The entity that holds what is looked at, at any depth of objects that are no entities.
struct Owner {
    entity: usize,
    at: String,
}

impl Found<'_, '_> {
    /// Entities, lists, counters and keys within `ty`, which is at `pointer`.
    pub(super) fn nested(&mut self, ty: &Type, pointer: &str, owner: Option<usize>, open: &mut Vec<TypeId>) {
        let owner = owner.map(|entity| Owner { entity, at: pointer.to_owned() });
        self.within_owner(ty, pointer, owner.as_ref(), open);
    }

    fn within_owner(&mut self, ty: &Type, pointer: &str, owner: Option<&Owner>, open: &mut Vec<TypeId>) {
        if open.len() > MAX_DEPTH {
            return;
        }
        let owning = owner.map(|owner| owner.entity);
        let fields = self.facts.api.fields(ty);
        for field in fields {
            let at = format!("{pointer}/{}", escape(&field.wire));
            let key = self.facts.foreign(&field.wire, &field.ty);
            match key {
                Some(key) => self.key(&key, field, fields, &at, owning),
                None => self.speaks_of(field, owning, pointer, ty),
            }
            self.embedded(&field.ty, &at, owner, open);
        }
        if let Some(element) = ty.element() {
            self.embedded(element, &format!("{pointer}/*"), owner, open);
        }
    }

    fn embedded(&mut self, ty: &Type, at: &str, owner: Option<&Owner>, open: &mut Vec<TypeId>) {
        let (many, ty, at) = match ty.element() {
            Some(element) => (true, element, format!("{at}/*")),
            None => (false, ty, at.to_owned()),
        };
        let Type::Named(id) = ty.inner() else { return };
        let entity = self.facts.entities.of_schema(*id);
        if let Some(entity) = entity {
            let name = self.facts.name(entity);
            self.shown(entity, *id, &at, &format!("it embeds `{name}`"));
            // Of what does not belong to it a thing that is made by itself holds what it was given.
            let may_gain = |owner: &&Owner| {
                let belongs = self.facts.relations.owners(entity).any(|bond| bond.owner == owner.entity);
                owner.entity != entity && (belongs || !self.facts.is_created(owner.entity))
            };
            if let (true, Some(owner)) = (many, owner.filter(may_gain)) {
                let why = format!("it embeds a list of `{name}`");
                self.list_of_owner(entity, owner.entity, &owner.at, Some("ids"), &why);
            }
        }
        if open.contains(id) {
            return;
        }
        open.push(*id);
        let own = entity.map(|entity| Owner { entity, at: at.clone() });
        self.within_owner(ty, &at, own.as_ref().or(owner), open);
        open.pop();
    }

    /// The list of `entity` that belongs to the `owner` at `owner_at`, where one can be told from another.
    fn list_of_owner(&mut self, entity: usize, owner: usize, owner_at: &str, what: Option<&str>, why: &str) {
        let facts = self.facts;
        let bond = facts.relations.owners(entity).find(|bond| bond.owner == owner);
        // What the path is below, what it shows is below, too.
        let below = self.call.constraints.iter().cloned();
        let below = below.filter(|(name, _)| facts.relations.owners(entity).any(|bond| bond.constraint == *name));
        let mut list: BTreeMap<String, Source> = below.collect();
        if let Some(bond) = bond {
            let owner = &facts.entities.all[owner];
            let named = |(id, sure): &(&Vec<String>, &bool)| match id.as_slice() {
                [only] => {
                    **sure && owner.things.iter().any(|thing| bond.constraint == format!("{thing}_{}", plain(only)))
                }
                _ => false,
            };
            if let Some([field]) = owner.ids.iter().zip(&owner.sure).find(named).map(|(id, _)| id.as_slice()) {
                let at = Source::response(format!("{owner_at}/{}", escape(field)));
                list.insert(bond.constraint.clone(), at);
            }
        }
        list.extend(what.map(shows));
        self.provide(Tag::list(&facts.name(entity), list).sure(0.7), why);
    }

    /// A field whose name speaks of another thing: `comments_count`, `last_comment_at`, `task_number`.
    fn speaks_of(&mut self, field: &Field, owner: Option<usize>, pointer: &str, ty: &Type) {
        let facts = self.facts;
        let said = words(&field.wire);
        self.told_of(&said, &field.wire, owner);
        self.names_user(field, owner);
        self.named_in(field, pointer, owner);
        let number = field.ty.is_number();
        if owner.is_none() && number && facts.main(self.call).is_none() {
            self.count_of(&said, &field.wire);
        }
        let Some(owner) = owner.filter(|owner| facts.entities.of_type(ty) == Some(*owner)) else { return };
        self.holds(field, owner, pointer);
        if !field.ty.is_scalar() || says_nothing_of(&field.wire) {
            return;
        }
        for entity in facts.spoken_of(&said) {
            let other = &facts.entities.all[entity];
            let Some(thing) = other.things.iter().find(|thing| mentions(&said, thing)) else { continue };
            let child = facts.relations.owners(entity).any(|bond| bond.owner == owner);
            if entity == owner {
                continue;
            }
            if !(child || number && counts_thing(&said, thing)) || self.is_given(owner, &field.wire) {
                continue;
            }
            let rest = said.iter().filter(|word| !words(thing).contains(word));
            let plain_count = number && rest.clone().all(|word| counts(word) || word == "num" || word == "of");
            let shows = plain_count.then_some("count");
            let why = format!("`{}` speaks of its `{}`", field.wire, other.name);
            self.list_of_owner(entity, owner, pointer, shows, &why);
        }
    }

    /// `{ "watch_count": 2, "tags": 1 }` of what is no thing itself.
    fn count_of(&mut self, said: &[String], wire: &str) {
        let facts = self.facts;
        for entity in facts.spoken_of(said) {
            let other = &facts.entities.all[entity];
            let whole = other.things.iter().any(|name| *name == thing(wire));
            if whole || other.things.iter().any(|thing| counts_thing(said, thing)) {
                let tag = Tag::list(&other.name, BTreeMap::from([shows("count")])).sure(0.7);
                self.provide(tag, &format!("`{wire}` is how many `{}` there are", other.name));
            }
        }
    }

    /// Whether whoever writes the owner says what is in that field, in a body of a schema that no query answers with.
    fn is_given(&self, owner: usize, wire: &str) -> bool {
        let facts = self.facts;
        let shown = |id: &TypeId| {
            let queries = facts.calls.iter().filter(|call| call.kind == Kind::Query);
            queries.filter_map(|call| call.shape.as_ref()?.schema).any(|schema| schema == *id)
        };
        facts.calls.iter().any(|call| {
            let own = matches!(call.spot, Spot::Member { entity } | Spot::Collection { entity } if entity == owner);
            let body = call.operation.body.as_ref().filter(|_| own && call.kind == Kind::Mutation);
            body.is_some_and(|body| {
                let apart = matches!(body.ty.inner(), Type::Named(id) if !shown(id));
                apart && facts.api.fields(&body.ty).iter().any(|field| field.wire == wire)
            })
        })
    }

    /// `dependencies: […]` of a thing that has `/dependencies` below it.
    fn holds(&mut self, field: &Field, owner: usize, pointer: &str) {
        let facts = self.facts;
        let Some(entity) = facts.entities.named(&thing(&field.wire)) else { return };
        let named = facts.entities.of_type(field.ty.element().unwrap_or(&field.ty));
        let below = facts.relations.owners(entity).any(|bond| bond.owner == owner && bond.inside);
        if !field.ty.is_scalar() && named.is_none() && below {
            let why = format!("`{}` holds its `{}`", field.wire, facts.name(entity));
            self.list_of_owner(entity, owner, pointer, None, &why);
        }
    }

    /// `silencedBy` and `?silenced=true`: what silences there are decides it.
    pub(super) fn told_of(&mut self, said: &[String], wire: &str, owner: Option<usize>) {
        let facts = self.facts;
        if !said.iter().any(|word| word.ends_with("ed")) {
            return;
        }
        for (entity, other) in facts.entities.all.iter().enumerate() {
            let by = other.things.first().is_some_and(|thing| done_by(said, thing));
            if by && Some(entity) != owner && facts.is_written(entity) {
                let tag = Tag::list(&other.name, BTreeMap::new()).sure(0.6);
                self.provide(tag, &format!("`{wire}` is the doing of a `{}`", other.name));
            }
        }
    }

    /// `created_username` is the name of some user, whichever key tells of whom.
    fn names_user(&mut self, field: &Field, owner: Option<usize>) {
        let facts = self.facts;
        let name = plain(&field.wire);
        let user = facts.entities.named("user").filter(|user| Some(*user) != owner);
        // A profile goes by a name of its own.
        let own = |owner: usize| facts.entities.all[owner].ids.iter().any(|id| id.contains(&field.wire));
        let user = user.filter(|_| !owner.is_some_and(own));
        if let Some(user) = user.filter(|_| field.ty.is_text() && name.ends_with("username")) {
            let why = format!("`{}` is the name of a `{}`", field.wire, facts.name(user));
            self.provide(Tag::list(&facts.name(user), BTreeMap::new()).sure(0.5), &why);
        }
    }

    /// `groups: ["admin"]`: groups by their names.
    fn named_in(&mut self, field: &Field, pointer: &str, owner: Option<usize>) {
        let facts = self.facts;
        if !field.ty.element().is_some_and(Type::is_text) {
            return;
        }
        let Some(entity) = facts.entities.named(&thing(&field.wire)).filter(|entity| Some(*entity) != owner) else {
            return;
        };
        let known = &facts.entities.all[entity];
        let text = |wire: &String| {
            let fields = known.schemas.iter().flat_map(|schema| facts.api.fields(&Type::Named(*schema)));
            fields.into_iter().any(|field| field.wire == *wire && matches!(field.ty.inner(), Type::String))
        };
        if !known.ids.iter().any(|id| matches!(id.as_slice(), [only] if text(only))) {
            // It goes by something else, so these are names that can change.
            let why = format!("`{}` tells the names of its `{}`", field.wire, known.name);
            self.provide(Tag::list(&known.name, BTreeMap::new()).sure(0.6), &why);
        } else if facts.within[entity].is_empty() {
            let at = Source::response(format!("{pointer}/{}/*", escape(&field.wire)));
            let why = format!("`{}` names each `{}`", field.wire, known.name);
            self.provide(Tag::id(&known.name, vec![at]).reference().sure(0.7), &why);
        }
    }

    /// `author_id` refers to a user; beside an `author_name` it shows something of that user.
    fn key(&mut self, key: &Foreign, field: &Field, fields: &[Field], at: &str, owner: Option<usize>) {
        let facts = self.facts;
        if Some(key.entity) == owner {
            return;
        }
        let target = &facts.entities.all[key.entity];
        if !target.ids.iter().any(|id| id.len() == 1) || !facts.within[key.entity].is_empty() {
            return;
        }
        let by_path = |tag: &Tag| {
            tag.tag_type == target.name && tag.sources().all(|source| matches!(source, Source::Path { .. }))
        };
        if self.planned.provides.iter().any(|tag| by_path(tag) && !tag.reference) {
            return;
        }
        // The path has said which one already.
        if self.call.constraints.clone().iter().any(|(name, _)| *name == key.constraint) {
            return;
        }
        let name = target.name.clone();
        let stem = plain(&field.wire);
        let stem = stem.rsplit_once('_').map_or(stem.as_str(), |(stem, _)| stem).to_owned();
        let shown = fields.iter().find(|other| {
            let rest = plain(&other.wire).strip_prefix(&format!("{stem}_")).map(str::to_owned);
            let of_target = |rest: &str| {
                if !NAMING.contains(&rest) {
                    return false;
                }
                let theirs = target.schemas.iter().flat_map(|schema| facts.api.fields(&Type::Named(*schema)));
                theirs.into_iter().any(|field| plain(&field.wire) == rest)
            };
            other.wire != field.wire && rest.is_some_and(|rest| rest != "id" && of_target(&rest))
        });
        let pointer = if key.many { format!("{at}/*") } else { at.to_owned() };
        let tag = Tag::id(&name, vec![Source::response(pointer)]);
        match shown {
            Some(shown) => self.provide(tag.sure(0.8), &format!("`{}` shows something of a `{name}`", shown.wire)),
            None => self.provide(tag.reference(), &format!("`{}` refers to a `{name}`", field.wire)),
        }
    }
}
