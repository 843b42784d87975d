using SlimtaFast.Edge;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Load</c>: from when on no more mail is taken.</summary>
internal static class LoadSection
{
    private const string Name = "Load:";

    /// <summary>Reads the section.</summary>
    public static LoadLimits Read(SettingsReader reader)
    {
        var plain = new LoadLimits();
        return plain with
        {
            MaxMemoryPercent = reader.Number(Name + nameof(plain.MaxMemoryPercent), plain.MaxMemoryPercent, 0, 99),
            MinFreeDisk = reader.Size(Name + nameof(plain.MinFreeDisk), plain.MinFreeDisk),
            MaxQueued = reader.Number(Name + nameof(plain.MaxQueued), plain.MaxQueued, 0, int.MaxValue),
        };
    }
}
