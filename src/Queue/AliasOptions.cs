namespace SlimtaFast.Queue;

/// <summary>The settings of an <see cref="AliasPolicy"/>. Immutable.</summary>
public sealed record AliasOptions
{
    /// <summary>What separates a user from his tag, as in <c>user+tag@example.org</c>: an address that has no alias is tried without its tag. Empty for no tags. Default <c>+</c>.</summary>
    public string Delimiter { get; init; } = "+";

    /// <summary>Whether the tag of such an address is put to what its alias gives. Default false.</summary>
    public bool KeepTag { get; init; }

    /// <summary>Aliases of aliases that are followed; a longer chain puts the message off (451 4.4.6). Default 10.</summary>
    public int MaxDepth { get; init; } = 10;

    /// <summary>Recipients that a message may have after it; more put the message off (452 4.5.3). Default 1000.</summary>
    public int MaxRecipients { get; init; } = 1000;
}
