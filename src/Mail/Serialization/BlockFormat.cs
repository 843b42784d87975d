namespace SlimtaFast.Mail.Serialization;

/// <summary>
/// The frame that heads and states share, described byte by byte in <c>docs/envelope-format.md</c>:
/// <code>
/// block   = magic(4) version(1) total-length(4) *section end-mark(1) crc32c(4)
/// section = tag(1) length(4) bytes(length)         ; tags strictly ascending, unknown ones are skipped
/// </code>
/// All numbers are little-endian. The total length counts the whole block, and the checksum covers all octets before it.
/// </summary>
internal static class BlockFormat
{
    /// <summary>The version that this code writes, and the only one there is.</summary>
    public const byte Version = 1;

    /// <summary>Stands where a section's tag would, behind the last section.</summary>
    public const byte EndMark = 0xFF;

    /// <summary>Octets before the first section: magic, version and total length.</summary>
    public const int PrefixLength = 9;

    /// <summary>Octets behind the last section: end mark and checksum.</summary>
    public const int SuffixLength = 5;

    /// <summary>Octets before a section's bytes: tag and length.</summary>
    public const int SectionPrefixLength = 5;

    /// <summary>No block is longer: far above what the longest recipient list needs, and a bound for what a reader will take in.</summary>
    public const int LongestBlock = 64 * 1024 * 1024;

    /// <summary>The first four octets of a head.</summary>
    public static ReadOnlySpan<byte> HeadMagic => "SFEH"u8;

    /// <summary>The first four octets of a state.</summary>
    public static ReadOnlySpan<byte> StateMagic => "SFES"u8;
}
