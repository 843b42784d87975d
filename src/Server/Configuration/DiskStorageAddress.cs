namespace SlimtaFast.Server.Configuration;

/// <summary><c>disk:DIR?env=DIR&amp;meta=DIR&amp;tmp=DIR&amp;journal=on|off&amp;journal-size=OCTETS</c>. Immutable.</summary>
internal sealed record DiskStorageAddress : StorageAddress
{
    /// <summary>The spool folder.</summary>
    public required string Directory { get; init; }

    /// <summary>The folder of envelope files, or null for the spool folder's own.</summary>
    public string? EnvelopeDirectory { get; init; }

    /// <summary>The folder of state files, or null for the spool folder's own.</summary>
    public string? MetaDirectory { get; init; }

    /// <summary>The scratch folder, or null for the spool folder's own.</summary>
    public string? ScratchDirectory { get; init; }

    /// <summary>False to flush a file for each message instead of journaling.</summary>
    public bool Journal { get; init; } = true;

    /// <summary>Most octets of the journal, or null for the storage's default.</summary>
    public long? JournalSize { get; init; }

    /// <summary>The spool folder, and those that were given a place of their own.</summary>
    public override IReadOnlyList<string> Directories =>
        [.. new[] { Directory, EnvelopeDirectory, MetaDirectory, ScratchDirectory }.OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>Reads what stands behind <c>disk:</c>.</summary>
    public static new DiskStorageAddress Parse(string text)
    {
        (string directory, IReadOnlyList<KeyValuePair<string, string>> parameters) = QueryText.Split(text);
        if (directory.Length == 0)
            throw new FormatException("disk: needs a folder, such as disk:./spool");
        var address = new DiskStorageAddress { Directory = directory };
        foreach ((string name, string value) in parameters)
            address = address.With(name, value);
        return address;
    }

    private DiskStorageAddress With(string name, string value) => name switch
    {
        "env" => this with { EnvelopeDirectory = NotEmpty(name, value) },
        "meta" => this with { MetaDirectory = NotEmpty(name, value) },
        "tmp" => this with { ScratchDirectory = NotEmpty(name, value) },
        "journal" => this with { Journal = OnOrOff(value) },
        "journal-size" => this with { JournalSize = Octets(value) },
        _ => throw new FormatException($"disk: knows no parameter '{name}'; it knows env, meta, tmp, journal and journal-size"),
    };

    private static string NotEmpty(string name, string value) =>
        value.Length > 0 ? value : throw new FormatException($"disk: {name}= needs a folder");

    private static bool OnOrOff(string value) => value switch
    {
        "on" => true,
        "off" => false,
        _ => throw new FormatException($"disk: journal={value} is neither on nor off"),
    };

    private static long Octets(string value) =>
        UnitText.TryParseSize(value, out long octets) && octets > 0
            ? octets
            : throw new FormatException($"disk: journal-size={value} is not a number of octets such as 1G");
}
