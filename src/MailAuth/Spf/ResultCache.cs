using System.Collections.Concurrent;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>
/// Findings for as long as they hold. A finding that does not depend on local part or hello is kept once for all of them. Bounded, so that
/// no flood of senders takes memory. Thread-safe.
/// </summary>
/// <param name="most">Findings that are kept.</param>
/// <param name="time">The clock.</param>
internal sealed class ResultCache(int most, TimeProvider time)
{
    private readonly ConcurrentDictionary<ResultKey, SpfFinding> _findings = new();
    private int _count;

    /// <summary>Findings that are kept at present, those that no longer hold included.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The finding for a request, or null where none holds.</summary>
    public SpfFinding? Find(SpfRequest request, ClientAddress client, string domain)
    {
        if (most == 0)
            return null;
        return _findings.TryGetValue(new ResultKey(client, domain, null, null), out SpfFinding? found)
            || _findings.TryGetValue(new ResultKey(client, domain, request.LocalPart, request.HelloName), out found)
            ? found.Until > time.GetUtcNow() ? Fit(found, request) : null
            : null;
    }

    /// <summary>Keeps a finding.</summary>
    public void Add(SpfFinding finding, ClientAddress client, string domain, MacroUse uses)
    {
        if (most == 0 || finding.Until <= time.GetUtcNow())
            return;
        SpfRequest request = finding.Request;
        ResultKey key = (uses & (MacroUse.LocalPart | MacroUse.Hello)) == 0
            ? new ResultKey(client, domain, null, null)
            : new ResultKey(client, domain, request.LocalPart, request.HelloName);
        if (Volatile.Read(ref _count) >= most)
            MakeRoom();
        if (_findings.TryAdd(key, finding))
            Interlocked.Increment(ref _count);
        else
            _findings[key] = finding;
    }

    private static SpfFinding Fit(SpfFinding found, SpfRequest request) => ReferenceEquals(found.Request, request) ? found : found with { Request = request };

    private void MakeRoom()
    {
        DateTimeOffset now = time.GetUtcNow();
        // All the dead, and where that is not enough, any eighth: there is nothing to tell which would be asked for again.
        int surplus = Math.Max(1, most / 8);
        foreach ((ResultKey key, SpfFinding finding) in _findings)
        {
            if ((finding.Until <= now || (Volatile.Read(ref _count) >= most && surplus-- > 0)) && _findings.TryRemove(key, out _))
                Interlocked.Decrement(ref _count);
        }
    }
}
