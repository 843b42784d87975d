namespace SlimtaFast.Lookup.Sql;

/// <summary>What a <see cref="SqlLookup"/> asks, and for how long. Immutable.</summary>
public sealed record SqlLookupOptions
{
    /// <summary>
    /// A statement that gives the value in its first column, <c>SELECT target FROM aliases WHERE address = @key</c>. Parameters are <c>@key</c>
    /// and, for keys that are addresses, <c>@localpart</c> and <c>@domain</c>, all in lower case; those that it does not name are not sent.
    /// </summary>
    public required string Query { get; init; }

    /// <summary>How long one look-up may take, with connecting and waiting for its turn. Default 2 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Look-ups at once, each of which may hold a thread; further ones wait. Default 4.</summary>
    public int MaxConcurrent { get; init; } = 4;

    /// <summary>Most rows of one answer, whose values are put together with commas between them; with more the look-up fails. Default 10,000.</summary>
    public int MaxRows { get; init; } = 10_000;
}
