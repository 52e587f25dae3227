use tokio_postgres::types::Type;

/// What can be asked of the schema: each is one call of one of its functions, and so one round trip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Question {
    Load,
    Attempt,
    Swap,
    List,
    Standing,
}

impl Question {
    pub(crate) fn sql(self) -> &'static str {
        match self {
            Self::Load => "select verdict, version, record from countersign.load($1, $2)",
            Self::Attempt => "select verdict, version, record from countersign.attempt($1, $2)",
            Self::Swap => {
                "select verdict, version from countersign.swap($1, $2, $3, $4, $5, $6, $7, $8)"
            }
            Self::List => "select name, version, record from countersign.list($1, $2, $3)",
            Self::Standing => "select * from countersign.standing()",
        }
    }

    pub(crate) fn types(self) -> &'static [Type] {
        match self {
            Self::Load | Self::Attempt => &[Type::TEXT, Type::TEXT],
            Self::Swap => &[
                Type::TEXT,
                Type::TEXT,
                Type::INT8,
                Type::BYTEA,
                Type::TEXT,
                Type::INT8,
                Type::INT8,
                Type::UUID,
            ],
            Self::List => &[Type::TEXT, Type::TEXT, Type::INT4],
            Self::Standing => &[],
        }
    }

    /// In the words of a sentence about it.
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Self::Load | Self::Attempt => "reading a record",
            Self::Swap => "changing a record",
            Self::List => "listing all records",
            Self::Standing => "asking how things are",
        }
    }

    /// Does the server write something that has to be durable before it answers?
    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Attempt | Self::Swap)
    }

    /// Is it of consequence whether it was done?
    pub(crate) fn changes(self) -> bool {
        self == Self::Swap
    }
}
