using System.Collections.Concurrent;

namespace SlimtaFast.Mail;

/// <summary>Lower-case domain names as shared strings, so that a million queued items of one domain hold one string. Thread-safe.</summary>
internal static class DomainNames
{
    // Bounded, because clients choose the names: beyond it a name is simply not shared.
    private const int MostShared = 65_536;

    private static readonly ConcurrentDictionary<string, string> Shared = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> SharedBySpan =
        Shared.GetAlternateLookup<ReadOnlySpan<char>>();

    private static int _count;

    /// <summary>The domain in lower case.</summary>
    public static string Intern(ReadOnlySpan<char> domain)
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
