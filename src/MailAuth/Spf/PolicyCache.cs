using System.Runtime.CompilerServices;
using SlimtaFast.Dns;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>
/// Policies that were read. Each is kept for as long as somebody keeps the answer it was read from: a resolver that caches hands out the
/// same answer until its records' TTL is over, and then a new one. Thread-safe.
/// </summary>
internal sealed class PolicyCache
{
    private readonly ConditionalWeakTable<DnsAnswer<string>, SpfPolicy> _policies = [];

    /// <summary>The policy in an answer.</summary>
    public SpfPolicy Get(DnsAnswer<string> answer) =>
        _policies.TryGetValue(answer, out SpfPolicy? known) ? known : _policies.GetValue(answer, SpfPolicy.Select);
}
