using SlimtaFast.Dns;

namespace SlimtaFast.Edge.Reputation;

/// <summary>Look-ups that never keep a client waiting for longer than they may.</summary>
internal static class BoundedLookup
{
    /// <summary>The answer, or one that says "could not find out" when the time is over; the question goes on and fills the cache.</summary>
    public static async ValueTask<DnsAnswer<T>> WithinAsync<T>(this ValueTask<DnsAnswer<T>> question, TimeSpan limit, TimeProvider time)
    {
        if (question.IsCompletedSuccessfully)
            return question.Result;
        try
        {
            return await question.AsTask().WaitAsync(limit, time);
        }
        catch (TimeoutException)
        {
            return new DnsAnswer<T>(DnsStatus.Failed, [], TimeSpan.Zero, Problem: "The time for this look-up is over.");
        }
    }
}
