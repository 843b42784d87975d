namespace SlimtaFast.Admin.Health;

/// <summary>Asks all parts at once, none of them for longer than the limit. Thread-safe.</summary>
internal sealed class Readiness(IReadOnlyList<ReadinessCheck> checks, TimeSpan limit, TimeProvider time)
{
    /// <summary>The state of each part, in the order of the checks.</summary>
    public Task<PartState[]> AskAsync(CancellationToken cancellationToken) => Task.WhenAll(checks.Select(check => AskAsync(check, cancellationToken)));

    private async Task<PartState> AskAsync(ReadinessCheck check, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            // A part that does not listen to its token is not waited for either.
            return new PartState(check.Part, await check.FindProblem(either.Token).AsTask().WaitAsync(either.Token));
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested)
        {
            return new PartState(check.Part, $"no answer within {limit.TotalSeconds:0.#} s");
        }
        catch (Exception trouble) when (trouble is not OutOfMemoryException and not OperationCanceledException)
        {
            return new PartState(check.Part, trouble.Message);
        }
    }
}
