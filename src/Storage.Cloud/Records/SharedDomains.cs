using System.Collections.Concurrent;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>One string for each domain of a listing. Thread-safe.</summary>
internal sealed class SharedDomains
{
    private readonly ConcurrentDictionary<string, string> _domains = new(StringComparer.Ordinal);

    /// <summary>The string that stands for all that are equal.</summary>
    public string Share(string domain) => _domains.GetOrAdd(domain, domain);
}
