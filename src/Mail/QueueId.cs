using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SlimtaFast.Mail;

/// <summary>
/// The 128-bit, time-ordered name of a queued item or of a message content (UUID version 7, so that the order of names is the
/// order of age). Printed as 32 lower-case hex digits in files, keys, logs and replies. Immutable and thread-safe.
/// </summary>
public readonly struct QueueId : IEquatable<QueueId>, IComparable<QueueId>
{
    /// <summary>How many characters the printed form has.</summary>
    public const int PrintedLength = 32;

    /// <summary>Wraps a 128-bit value, most significant bits first.</summary>
    public QueueId(UInt128 value) => Value = value;

    /// <summary>The number behind the name; zero means "none".</summary>
    public UInt128 Value { get; }

    /// <summary>True for the default value, which names nothing.</summary>
    public bool IsNone => Value == UInt128.Zero;

    /// <summary>The creation time that a version 7 identifier carries, with a resolution of a millisecond.</summary>
    public DateTimeOffset CreatedAt => DateTimeOffset.FromUnixTimeMilliseconds((long)(ulong)(Value >> 80));

    /// <summary>Reads the printed form; anything but 32 hex digits is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out QueueId id)
    {
        id = default;
        if (text.Length != PrintedLength || !UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value))
            return false;
        id = new QueueId(value);
        return true;
    }

    /// <summary>Writes the 32 ASCII hex digits to <paramref name="destination"/>, which must hold <see cref="PrintedLength"/> bytes.</summary>
    public void Format(Span<byte> destination)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        ulong upper = (ulong)(Value >> 64), lower = (ulong)Value;
        for (int i = 15; i >= 0; i--)
        {
            destination[i] = digits[(int)(upper & 15)];
            destination[i + 16] = digits[(int)(lower & 15)];
            upper >>= 4;
            lower >>= 4;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public bool Equals(QueueId other) => Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is QueueId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => ((ulong)Value ^ (ulong)(Value >> 64)).GetHashCode();

    /// <inheritdoc/>
    public int CompareTo(QueueId other) => Value.CompareTo(other.Value);

    /// <summary>True where both name the same thing.</summary>
    public static bool operator ==(QueueId left, QueueId right) => left.Value == right.Value;

    /// <summary>True where they name different things.</summary>
    public static bool operator !=(QueueId left, QueueId right) => left.Value != right.Value;

    /// <summary>True where <paramref name="left"/> is older.</summary>
    public static bool operator <(QueueId left, QueueId right) => left.Value < right.Value;

    /// <summary>True where <paramref name="left"/> is younger.</summary>
    public static bool operator >(QueueId left, QueueId right) => left.Value > right.Value;

    /// <summary>True where <paramref name="left"/> is not younger.</summary>
    public static bool operator <=(QueueId left, QueueId right) => left.Value <= right.Value;

    /// <summary>True where <paramref name="left"/> is not older.</summary>
    public static bool operator >=(QueueId left, QueueId right) => left.Value >= right.Value;
}
