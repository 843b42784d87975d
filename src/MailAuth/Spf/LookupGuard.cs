using SlimtaFast.Dns;

namespace SlimtaFast.MailAuth.Spf;

/// <summary>
/// Keeps one evaluation within the limits of RFC 7208 section 4.6.4: terms that ask, questions that find nothing, and time. It also
/// remembers how long the answers hold. Not thread-safe.
/// </summary>
internal sealed class LookupGuard
{
    /// <summary>Terms that may ask the DNS.</summary>
    public const int MostTerms = 10;

    private readonly SpfOptions _options;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly CancellationToken _cancellationToken;
    private bool _isVoidTerm;
    private int _voidTerms;

    /// <summary>Starts the time.</summary>
    public LookupGuard(SpfOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        _options = options;
        _time = time;
        _cancellationToken = cancellationToken;
        _started = time.GetTimestamp();
        Now = time.GetUtcNow();
    }

    /// <summary>When the evaluation began.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>Terms that asked so far.</summary>
    public int Terms { get; private set; }

    /// <summary>Until when everything that was answered holds.</summary>
    public DateTimeOffset Until { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>Begins a term that asks; false where there were enough.</summary>
    public bool TryBeginTerm()
    {
        _isVoidTerm = false;
        return ++Terms <= MostTerms;
    }

    /// <summary>Notes that a term's question found nothing, which counts once for each term; false where there were enough of them.</summary>
    public bool TryNoteVoid()
    {
        if (_isVoidTerm)
            return true;
        _isVoidTerm = true;
        return ++_voidTerms <= _options.MaxVoidLookups;
    }

    /// <summary>Waits for an answer, but not beyond the evaluation's time: then it has failed.</summary>
    public async ValueTask<DnsAnswer<T>> WaitAsync<T>(ValueTask<DnsAnswer<T>> question)
    {
        DnsAnswer<T> answer;
        if (question.IsCompletedSuccessfully)
        {
            answer = question.Result;
        }
        else
        {
            TimeSpan left = _options.Timeout - _time.GetElapsedTime(_started);
            try
            {
                answer = left > TimeSpan.Zero
                    ? await question.AsTask().WaitAsync(left, _time, _cancellationToken).ConfigureAwait(false)
                    : throw new TimeoutException();
            }
            catch (TimeoutException)
            {
                return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, Problem: "the time for the evaluation is over") { Until = Now };
            }
        }

        DateTimeOffset until = answer.Until ?? Now + answer.TimeToLive;
        if (until < Until)
            Until = until;
        return answer;
    }
}
