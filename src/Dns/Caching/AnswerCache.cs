using System.Collections.Concurrent;

namespace SlimtaFast.Dns.Caching;

/// <summary>
/// Keeps answers of one record type for as long as they live, and lets all who ask the same question at once wait for one answer.
/// Bounded. Thread-safe.
/// </summary>
/// <typeparam name="T">The record's type.</typeparam>
internal sealed class AnswerCache<T>
{
    private readonly int _most;
    private readonly TimeProvider _time;
    private readonly Func<string, Task<DnsAnswer<T>>> _ask;
    private readonly ConcurrentDictionary<string, Entry> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<DnsAnswer<T>>>> _open = new(StringComparer.Ordinal);

    /// <summary>Makes an empty cache.</summary>
    /// <param name="most">Answers kept at most.</param>
    /// <param name="time">The clock of their lives.</param>
    /// <param name="ask">Asks for a name; never fails.</param>
    public AnswerCache(int most, TimeProvider time, Func<string, Task<DnsAnswer<T>>> ask)
    {
        _most = most;
        _time = time;
        _ask = ask;
    }

    /// <summary>Answers kept at present, dead ones included.</summary>
    public int Count => _answers.Count;

    /// <summary>The answer for a name: a live one that is kept, or a new one. Cancelling gives up waiting, not the question.</summary>
    public ValueTask<DnsAnswer<T>> GetAsync(string name, CancellationToken cancellationToken)
    {
        if (_answers.TryGetValue(name, out Entry entry) && entry.Until > _time.GetUtcNow())
            return ValueTask.FromResult(entry.Answer);
        Lazy<Task<DnsAnswer<T>>> question = _open.GetOrAdd(
            name, static (key, cache) => new Lazy<Task<DnsAnswer<T>>>(() => cache.AskAsync(key)), this);
        return new ValueTask<DnsAnswer<T>>(question.Value.WaitAsync(cancellationToken));
    }

    private async Task<DnsAnswer<T>> AskAsync(string name)
    {
        try
        {
            DnsAnswer<T> answer = await _ask(name).ConfigureAwait(false);
            if (answer.TimeToLive > TimeSpan.Zero)
            {
                MakeRoom();
                DateTimeOffset until = _time.GetUtcNow() + answer.TimeToLive;
                answer = answer with { Until = until };
                _answers[name] = new Entry(answer, until);
            }

            return answer;
        }
        finally
        {
            _open.TryRemove(name, out _);
        }
    }

    private void MakeRoom()
    {
        if (_answers.Count < _most)
            return;
        DateTimeOffset now = _time.GetUtcNow();
        // All the dead, and where that is not enough, any eighth: there is nothing to tell which would be asked for again.
        int surplus = Math.Max(1, _most / 8);
        foreach ((string name, Entry entry) in _answers)
        {
            if (entry.Until <= now || (_answers.Count >= _most && surplus-- > 0))
                _answers.TryRemove(name, out _);
        }
    }

    private readonly record struct Entry(DnsAnswer<T> Answer, DateTimeOffset Until);
}
