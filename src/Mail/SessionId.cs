using System.Globalization;

namespace SlimtaFast.Mail;

/// <summary>
/// The name of one client's session in logs, events and traces: 64 bits, printed as 16 lower-case hex digits. It is not stored with messages, so
/// that what is read back from storage has none. Immutable.
/// </summary>
/// <param name="Value">The number behind the name; zero means "none".</param>
public readonly record struct SessionId(ulong Value)
{
    /// <summary>True for the default value, which names nothing.</summary>
    public bool IsNone => Value == 0;

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "none" : Value.ToString("x16", CultureInfo.InvariantCulture);
}
