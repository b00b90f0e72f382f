//! What tells the entry of one query from that of another.

use std::any::TypeId;
use std::hash::{Hash, Hasher};

use crate::request::{Args, Common, Request};

/// What makes two queries the same entry: what they ask, and what the answer is read as. Compared in full, so equal hashes
/// never mix entries up; borrowed, so that an entry is found without a copy.
#[derive(Clone, Copy)]
pub(crate) struct EntryKey<'q> {
    common: &'q Common,
    args: &'q Args,
    ty: TypeId,
}

impl<'q> EntryKey<'q> {
    pub(super) fn of(request: &'q Request, ty: TypeId) -> EntryKey<'q> {
        EntryKey::new(request.common(), request.args(), ty)
    }

    pub(crate) fn new(common: &'q Common, args: &'q Args, ty: TypeId) -> EntryKey<'q> {
        EntryKey { common, args, ty }
    }
}

impl PartialEq for EntryKey<'_> {
    fn eq(&self, other: &EntryKey<'_>) -> bool {
        self.ty == other.ty && self.args.is_same_call(self.common, other.args, other.common)
    }
}

impl Eq for EntryKey<'_> {}

impl Hash for EntryKey<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.args.hash_key(self.common, state);
        self.ty.hash(state);
    }
}

/// A key for those who outlive the query. It holds nothing of the user's, so it can be dropped anywhere.
#[cfg(feature = "audit")]
pub(crate) struct KeptKey {
    request: Request,
    ty: TypeId,
}

#[cfg(feature = "audit")]
impl EntryKey<'_> {
    pub(crate) fn kept(self) -> KeptKey {
        KeptKey { request: Request::of(*self.common, self.args.clone().without_sending()), ty: self.ty }
    }
}

#[cfg(feature = "audit")]
impl KeptKey {
    pub(crate) fn key(&self) -> EntryKey<'_> {
        EntryKey::of(&self.request, self.ty)
    }
}

#[cfg(feature = "audit")]
impl PartialEq for KeptKey {
    fn eq(&self, other: &KeptKey) -> bool {
        self.key() == other.key()
    }
}

#[cfg(feature = "audit")]
impl Eq for KeptKey {}

#[cfg(feature = "audit")]
impl Hash for KeptKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
