using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace SlimtaFast.Mail;

/// <summary>
/// An address as SMTP carries it between angle brackets, <c>local-part@domain</c>, kept exactly as written. A mailbox can only be made
/// through the grammar of RFC 5321 section 4.1.2 (with RFC 6531's UTF-8), so it never holds a control character, whichever way it came
/// in. The default value is the null reverse-path. Two are equal where the local parts are the same and the domains differ at most in
/// the case of ASCII letters. Immutable.
/// </summary>
public readonly struct Mailbox : IEquatable<Mailbox>
{
    private readonly string? _address;
    private readonly int _at;

    internal Mailbox(string address, int at)
    {
        _address = address;
        _at = at;
    }

    /// <summary>The empty reverse-path <c>&lt;&gt;</c>.</summary>
    public static Mailbox Null => default;

    /// <summary>The address as written, without angle brackets; empty for the null reverse-path.</summary>
    public string Address => _address ?? "";

    /// <summary>True for the null reverse-path.</summary>
    public bool IsNull => string.IsNullOrEmpty(_address);

    /// <summary>What stands before the last unquoted <c>@</c>; the whole address where there is none (<c>postmaster</c>).</summary>
    public ReadOnlySpan<char> LocalPart => _at < 0 ? Address : Address.AsSpan(0, _at);

    /// <summary>What stands behind the <c>@</c>: a domain or an address literal in square brackets; empty where there is none.</summary>
    public ReadOnlySpan<char> Domain => _at < 0 || IsNull ? default : Address.AsSpan(_at + 1);

    /// <summary>True where the address holds anything but ASCII, so that only a hop with SMTPUTF8 can take it.</summary>
    public bool NeedsUtf8 => !System.Text.Ascii.IsValid(Address);

    /// <summary>
    /// The address with its domain in A-labels (RFC 5890), which any hop can take. False where the local part is not ASCII, or the domain
    /// has no such form.
    /// </summary>
    public bool TryToAscii(out Mailbox ascii)
    {
        ascii = this;
        if (!NeedsUtf8)
            return true;
        ascii = default;
        return System.Text.Ascii.IsValid(LocalPart)
            && DomainNames.TryGetAscii(Domain, out string domain)
            && TryParse($"{LocalPart}@{domain}", out ascii);
    }

    /// <summary>Reads an address by the grammar; what does not fit is refused. <c>postmaster</c> may stand without a domain.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Mailbox mailbox) => MailboxGrammar.TryParse(text, out mailbox);

    /// <summary>Reads an address by the grammar; what does not fit is refused.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Mailbox mailbox)
    {
        mailbox = default;
        if (text.Length > MailboxGrammar.LongestAddress)
            return false;
        Span<byte> bytes = stackalloc byte[MailboxGrammar.LongestAddress * 3];
        // Half a surrogate pair is nothing that could be sent: it is refused, not replaced.
        return Utf8.FromUtf16(text, bytes, out _, out int written, replaceInvalidSequences: false) == OperationStatus.Done
            && MailboxGrammar.TryParse(bytes[..written], out mailbox);
    }

    /// <summary>Reads an address by the grammar, or throws <see cref="FormatException"/>; for literals in code and tests.</summary>
    public static Mailbox Parse(string text) =>
        TryParse(text, out Mailbox mailbox) ? mailbox : throw new FormatException($"Not a mailbox: '{text}'.");

    /// <summary>The domain in lower case, as one shared string for each domain: the key of routing and scheduling.</summary>
    public string GetRoutingDomain() => DomainNames.Intern(Domain);

    /// <inheritdoc/>
    public bool Equals(Mailbox other) => LocalPart.SequenceEqual(other.LocalPart) && Domain.Equals(other.Domain, StringComparison.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Mailbox other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(string.GetHashCode(LocalPart), string.GetHashCode(Domain, StringComparison.OrdinalIgnoreCase));

    /// <summary>The address as written.</summary>
    public override string ToString() => Address;

    /// <summary>True where both are the same mailbox.</summary>
    public static bool operator ==(Mailbox left, Mailbox right) => left.Equals(right);

    /// <summary>True where they are different mailboxes.</summary>
    public static bool operator !=(Mailbox left, Mailbox right) => !left.Equals(right);
}
