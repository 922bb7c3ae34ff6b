//! What a command changes, or would change.

/// How much a plan would change, or an apply has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Changes {
    /// The command does not speak of changes (`validate`, `output`), or was not understood.
    #[default]
    Unknown,
    /// Nothing to do.
    None,
    /// Something that is not counted: only outputs change, or an exit code is all that says so.
    Uncounted,
    Counted(ResourceCounts),
}

/// Counts of resources, as terraform's last line gives them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ResourceCounts {
    pub import: u64,
    pub add: u64,
    pub change: u64,
    pub destroy: u64,
}

impl Changes {
    /// The counts, or nothing at all as [`Changes::None`].
    pub fn counted(counts: ResourceCounts) -> Self {
        if counts == ResourceCounts::default() {
            Self::None
        } else {
            Self::Counted(counts)
        }
    }

    /// Whether something changes. What is unknown does not count as a change.
    pub fn any(self) -> bool {
        match self {
            Self::Uncounted | Self::Counted(_) => true,
            Self::Unknown | Self::None => false,
        }
    }
}

impl ResourceCounts {
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            import: self.import + other.import,
            add: self.add + other.add,
            change: self.change + other.change,
            destroy: self.destroy + other.destroy,
        }
    }
}
