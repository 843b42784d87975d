using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace SlimtaFast.Mail;

/// <summary>
/// Domain names in the forms in which they are looked up. Lower-case ones are shared strings, so that a million queued items of one domain
/// hold one string. Thread-safe.
/// </summary>
public static class DomainNames
{
    // Bounded, because clients choose the names: beyond it a name is simply not shared.
    private const int MostShared = 65_536;

    private static readonly ConcurrentDictionary<string, string> Shared = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> SharedBySpan =
        Shared.GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly IdnMapping Idn = new();

    private static int _count;

    /// <summary>
    /// The name as the DNS knows it: U-labels become A-labels by IDNA (RFC 5890), a final dot goes. False where there is no such form:
    /// a label that is empty, too long or holds what IDNA does not allow.
    /// </summary>
    public static bool TryGetAscii(ReadOnlySpan<char> domain, out string name)
    {
        name = (domain.EndsWith(".") ? domain[..^1] : domain).ToString();
        if (Ascii.IsValid(name))
            return name.Length > 0;
        try
        {
            name = Idn.GetAscii(name);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    /// <summary>
    /// Reads a domain that mail may be routed by: whatever may stand behind the at sign of an address, so a domain or an address literal in square brackets.
    /// </summary>
    /// <param name="text">The domain as it was written.</param>
    /// <param name="domain">It in lower case, as one shared string for each domain; empty where it is none.</param>
    public static bool TryReadRoutingDomain(ReadOnlySpan<char> text, out string domain)
    {
        domain = MailboxGrammar.IsDomain(text) ? Intern(text) : "";

        // What cannot be read again must not be written, and a few characters are longer in lower case.
        if (domain.Length > 0 && !Ascii.IsValid(domain) && !MailboxGrammar.IsDomain(domain))
            domain = "";
        return domain.Length > 0;
    }

    /// <summary>The domain in lower case.</summary>
    internal static string Intern(ReadOnlySpan<char> domain)
    {
        if (domain.IsEmpty)
            return "";
        Span<char> lower = domain.Length <= 256 ? stackalloc char[domain.Length] : new char[domain.Length];
        domain.ToLowerInvariant(lower);
        if (SharedBySpan.TryGetValue(lower, out string? known))
            return known;
        string name = lower.ToString();
        if (Volatile.Read(ref _count) >= MostShared)
            return name;
        if (Shared.TryAdd(name, name))
            Interlocked.Increment(ref _count);
        return Shared.TryGetValue(name, out known) ? known : name;
    }
}
