using System.Globalization;

namespace SlimtaFast.TestKit.Tiers;

/// <summary>Whether this process may mount, which not every container allows even to root.</summary>
internal static class MountRight
{
    private const int SystemAdministration = 21;

    /// <summary>True where it may.</summary>
    public static bool IsHeld =>
        OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("CapEff:", StringComparison.Ordinal)) is { } capabilities
        && (ulong.Parse(capabilities["CapEff:".Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) >> SystemAdministration & 1) == 1;
}
