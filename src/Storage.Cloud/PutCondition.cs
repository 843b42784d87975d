namespace SlimtaFast.Storage.Cloud;

/// <summary>Under what condition an object is written. Immutable.</summary>
public readonly record struct PutCondition
{
    private PutCondition(bool isAbsent, string? tag)
    {
        IsAbsent = isAbsent;
        Tag = tag;
    }

    /// <summary>Whatever is there.</summary>
    public static PutCondition None => default;

    /// <summary>Only where no object of that name is there.</summary>
    public static PutCondition Absent => new(true, null);

    /// <summary>True for <see cref="Absent"/>.</summary>
    public bool IsAbsent { get; }

    /// <summary>The tag that the object must have; null for no such condition.</summary>
    public string? Tag { get; }

    /// <summary>Only where the object still has that tag.</summary>
    public static PutCondition Matches(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return new PutCondition(false, tag);
    }
}
