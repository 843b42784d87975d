namespace SlimtaFast.Queue.Tests.Fakes;

internal static class ValueTaskExtensions
{
    /// <summary>A task without a result as one with.</summary>
    public static async ValueTask<bool> AsValue(this ValueTask task)
    {
        await task;
        return true;
    }
}
