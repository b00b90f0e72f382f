//! What a query provides.

use std::collections::BTreeMap;

use super::facts::{Call, Facts};
use super::field::{self, plain, thing};
use super::shape::Shape;
use super::{Operation, Source, Tag};
use crate::model::{Field, Place, Type, TypeId};
use crate::pointer::escape;

/// Entities nested deeper than this are not followed.
const MAX_DEPTH: usize = 5;

/// The tags of the query `at`; none when no rule knows what it shows.
pub(super) fn plan(facts: &Facts<'_>, at: usize) -> Operation {
    let call = &facts.calls[at];
    let mut planned = facts.planned(call);
    let mut found = Found { facts, call, planned: &mut planned };
    found.member();
    found.main();
    found.sub_resource();
    if let Some(shape) = &call.shape {
        let start = Type::Named(shape.entity);
        let main = facts.entities.of_schema(shape.entity);
        found.nested(&start, &shape.pointer, main, &mut vec![shape.entity]);
    } else {
        found.nested(&call.operation.response, "", None, &mut Vec::new());
    }
    if found.planned.provides.is_empty() {
        found.gathered();
    }
    planned
}

struct Found<'f, 'a, 'p> {
    facts: &'f Facts<'a>,
    call: &'f Call<'a>,
    planned: &'p mut Operation,
}

impl Found<'_, '_, '_> {
    fn provide(&mut self, tag: Tag) {
        if !self.planned.provides.contains(&tag) {
            self.planned.provides.push(tag);
        }
    }

    fn because(&mut self, why: String) {
        if !self.planned.why.contains(&why) {
            self.planned.why.push(why);
        }
    }

    /// The entity or the list that the response is.
    fn main(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let Some(shape) = &call.shape else { return };
        let Some(entity) = facts.entities.of_schema(shape.entity) else { return };
        let name = facts.entities.all[entity].name.clone();
        if shape.many {
            let constraints: BTreeMap<String, Source> =
                facts.constraints(call, shape).into_iter().map(|(name, source, _)| (name, source)).collect();
            let under = constraints.keys().cloned().collect::<Vec<_>>().join(", ");
            let why = if under.is_empty() { String::new() } else { format!(", cut down by {under}") };
            self.because(format!("it lists `{name}`{why}"));
            self.provide(Tag::list(&name, constraints));
        }
        self.shown(entity, shape);
        let singleton = !shape.many && call.path.member().is_none() && call.path.ends_in_literal();
        if singleton && call.path.parent_member().is_none() {
            self.because(format!("`{}` is one `{name}` that no parameter picks", call.operation.path));
            self.provide(Tag::id(&name, vec![Source::Value { value: call.path.key() }]));
        }
    }

    fn shown(&mut self, entity: usize, shape: &Shape) {
        let name = self.facts.entities.all[entity].name.clone();
        if self.picked_by_number(entity) && !shape.many {
            return;
        }
        for id in self.facts.shown_ids(shape, entity) {
            let id = id.iter().map(|field| Source::response(format!("{}/{}", shape.pointer, escape(field))));
            let tag = Tag::id(&name, id.collect());
            self.provide(tag);
        }
    }

    /// Whether the path names this entity by the one id it has, and no other
    /// word can stand there: a text might be an alias, such as `me` or `latest`.
    fn picked_by_number(&self, entity: usize) -> bool {
        let Some((picked, picks)) = self.facts.entities.of_member(&self.call.path) else { return false };
        let arguments = &self.call.operation.arguments;
        let number = |pick: &&str| arguments.iter().any(|argument| argument.wire == **pick && argument.ty.is_number());
        picked == entity && self.facts.entities.all[entity].ids.len() == 1 && picks.iter().all(number)
    }

    /// `GET` on a member: its path says which one.
    fn member(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let Some((entity, picks)) = facts.entities.of_member(&call.path) else { return };
        let name = facts.entities.all[entity].name.clone();
        self.because(format!("its path picks one `{name}`"));
        self.provide(Tag::id(&name, picks.into_iter().map(Source::path).collect()));
    }

    /// What is below a member depends on it: entirely when it is no entity of
    /// its own, else only for as long as the member exists.
    fn sub_resource(&mut self) {
        let (facts, call) = (self.facts, self.call);
        let Some(parent) = call.path.parent_member() else { return };
        let Some((entity, picks)) = facts.entities.of_member(&parent) else { return };
        let name = facts.entities.all[entity].name.clone();
        let tag = Tag::id(&name, picks.into_iter().map(Source::path).collect());
        let own = call.shape.as_ref().and_then(|shape| facts.entities.of_schema(shape.entity));
        if own.is_some_and(|own| own != entity) || facts.entities.of_member(&call.path).is_some() {
            self.because(format!("it is gone when its `{name}` is"));
            self.provide(tag.reference());
        } else {
            self.because(format!("it is a part of one `{name}`"));
            self.provide(tag);
        }
    }

    /// Entities, lists, counters and foreign keys within `ty`, which is at `pointer`.
    fn nested(&mut self, ty: &Type, pointer: &str, owner: Option<usize>, open: &mut Vec<TypeId>) {
        if open.len() > MAX_DEPTH {
            return;
        }
        for field in self.facts.api.fields(ty) {
            let at = format!("{pointer}/{}", escape(&field.wire));
            self.counter(field, owner, pointer, ty);
            self.key(field, &at, owner);
            self.embedded(&field.ty, &at, owner, pointer, open);
        }
        if let Some(element) = ty.element() {
            self.embedded(element, &format!("{pointer}/*"), owner, pointer, open);
        }
    }

    fn embedded(&mut self, ty: &Type, at: &str, owner: Option<usize>, owner_at: &str, open: &mut Vec<TypeId>) {
        let (many, ty, at) = match ty.element() {
            Some(element) => (true, element, format!("{at}/*")),
            None => (false, ty, at.to_owned()),
        };
        let Type::Named(id) = ty.inner() else { return };
        let entity = self.facts.entities.of_schema(*id);
        if let Some(entity) = entity {
            let name = self.facts.entities.all[entity].name.clone();
            let shape = Shape { many, pointer: at.clone(), entity: *id };
            let before = self.planned.provides.len();
            self.shown(entity, &shape);
            if self.planned.provides.len() > before {
                self.because(format!("each `{name}` it embeds is shown in it"));
            }
            if let (true, Some(owner)) = (many, owner) {
                self.list_of_owner(entity, owner, owner_at, false);
            }
        }
        if open.contains(id) {
            return;
        }
        open.push(*id);
        self.nested(ty, &at, entity.or(owner), open);
        open.pop();
    }

    /// An owner that embeds or counts `entity` changes when the list below it
    /// does. What it counts but is not listed below it may be any of them.
    fn list_of_owner(&mut self, entity: usize, owner: usize, owner_at: &str, counted: bool) {
        let facts = self.facts;
        let (name, owner_entity) = (facts.entities.all[entity].name.clone(), &facts.entities.all[owner]);
        let by = facts.lists[entity].constraints.keys().find_map(|constraint| {
            let rest = owner_entity.things.iter().find_map(|thing| constraint.strip_prefix(&format!("{thing}_")))?;
            let id = owner_entity
                .ids
                .iter()
                .find(|id| matches!(id.as_slice(), [only] if plain(only) == rest || rest == "id"))?;
            Some((constraint.clone(), id.first()?.clone()))
        });
        match by {
            Some((constraint, id)) => {
                let source = Source::response(format!("{owner_at}/{}", escape(&id)));
                self.because(format!("what it shows depends on the list of `{name}` with the same {constraint}"));
                self.provide(Tag::list(&name, BTreeMap::from([(constraint, source)])));
            }
            None if counted => {
                self.because(format!("it counts `{name}`"));
                self.provide(Tag::list(&name, BTreeMap::new()));
            }
            None => {}
        }
    }

    /// `/tags` beside articles that have a `tagList`: what it shows is gathered from them.
    fn gathered(&mut self) {
        let facts = self.facts;
        let Some(word) = self.call.path.last_literal().map(thing).filter(|_| self.call.path.ends_in_literal()) else {
            return;
        };
        for entity in &facts.entities.all {
            let fields = entity.schemas.iter().flat_map(|schema| facts.api.fields(&Type::Named(*schema)));
            let fields: Vec<&Field> = fields.collect();
            let held = fields.iter().find(|field| {
                let name = thing(&field.wire);
                field.ty.element().is_some_and(Type::is_scalar) && (name == word || name == format!("{word}_list"))
            });
            if let Some(field) = held {
                self.because(format!("it gathers what each `{}` holds in `{}`", entity.name, field.wire));
                self.provide(Tag::list(&entity.name, BTreeMap::new()).sure(0.5));
            }
        }
    }

    /// `comments_count` of a post depends on the comments of that post.
    fn counter(&mut self, field: &Field, owner: Option<usize>, pointer: &str, ty: &Type) {
        let Some(owner) = owner.filter(|owner| self.facts.entities.of_type(ty) == Some(*owner)) else { return };
        let Some(entity) = field::counted(field).and_then(|counted| self.facts.entities.named(&counted)) else {
            return;
        };
        if entity != owner {
            self.list_of_owner(entity, owner, pointer, true);
        }
    }

    /// `author_id` refers to a `User` only where the document says what an author is;
    /// `user_id` does by its name.
    fn key(&mut self, field: &Field, at: &str, owner: Option<usize>) {
        if !field.ty.is_scalar() {
            return;
        }
        let Some(entity) =
            field::foreign_key(&field.wire).and_then(|target| self.facts.entities.named(&thing(&target)))
        else {
            return;
        };
        let target = &self.facts.entities.all[entity];
        let by_path = |tag: &Tag| {
            tag.tag_type == target.name && tag.sources().all(|source| matches!(source, Source::Path { .. }))
        };
        if self.planned.provides.iter().any(by_path) {
            return;
        }
        if Some(entity) != owner && target.ids.iter().any(|id| id.len() == 1) {
            let name = target.name.clone();
            self.because(format!("`{}` refers to a `{name}`", field.wire));
            self.provide(Tag::id(&name, vec![Source::response(at.to_owned())]).reference());
        }
    }
}

impl Call<'_> {
    /// Whether every parameter is in the path.
    pub(super) fn only_path(&self) -> bool {
        self.operation.arguments.iter().all(|parameter| parameter.place == Place::Path) && self.operation.body.is_none()
    }
}
