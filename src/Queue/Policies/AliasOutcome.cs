namespace SlimtaFast.Queue.Policies;

/// <summary>How an <see cref="AliasExpansion"/> ended.</summary>
internal enum AliasOutcome
{
    /// <summary>Nobody has an alias.</summary>
    Unchanged,

    /// <summary>There are other recipients.</summary>
    Changed,

    /// <summary>A chain of aliases is too long.</summary>
    TooDeep,

    /// <summary>There would be too many recipients.</summary>
    TooMany,
}
