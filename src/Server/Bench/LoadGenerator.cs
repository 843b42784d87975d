using System.Diagnostics;
using System.Net;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Server.Bench;

/// <summary>Runs a load plan over a transport.</summary>
internal static class LoadGenerator
{
    /// <summary>Runs the plan; cancelling cuts it short and still reports what was measured.</summary>
    public static async Task<LoadReport> RunAsync(LoadPlan plan, EndPoint server, ITransport transport, TimeProvider time, CancellationToken cancellationToken)
    {
        var script = new LoadScript(plan);
        using Pacer? pacer = plan.Rate is null ? null : new Pacer();
        TimeSpan processorBefore = Environment.CpuUsage.TotalTime;
        var schedule = new LoadSchedule(plan, time);
        long start = Stopwatch.GetTimestamp();
        var connections = new LoadConnection[plan.Connections];
        for (int i = 0; i < connections.Length; i++)
            connections[i] = new LoadConnection(transport, server, script, schedule, pacer, plan, start);
        await Task.WhenAll(connections.Select((c, i) => RunOnThread(transport, i, () => c.RunAsync(cancellationToken))));
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        var total = new LoadTally();
        foreach (LoadConnection connection in connections)
            total.Add(connection.Tally);
        return new LoadReport(plan, total, script.Octets, elapsed, Environment.CpuUsage.TotalTime - processorBefore);
    }

    // On a thread of the transport a connection's awaits cost no switch.
    private static Task RunOnThread(ITransport transport, int number, Func<Task> work)
    {
        if (transport.Threads.Count == 0)
            return work();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        transport.Threads[number % transport.Threads.Count].Post(
            async _ =>
            {
                Task running = work();
                await running.ContinueWith(done.SetFromTask, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            },
            null);
        return done.Task;
    }
}
