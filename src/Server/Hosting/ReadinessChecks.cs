using System.Globalization;
using SlimtaFast.Admin;
using SlimtaFast.Edge;
using SlimtaFast.Edge.Http;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Storage;

namespace SlimtaFast.Server.Hosting;

/// <summary>What has to be well for this server to be sent mail.</summary>
internal static class ReadinessChecks
{
    // Names nothing: a storage that answers says so.
    private static readonly QueueId Nobody = new(UInt128.One);

    /// <summary>The checks of a server whose configuration has so many listeners.</summary>
    public static IReadOnlyList<ReadinessCheck> Of(MailServer server, IReadOnlyList<HttpEdge> http, int listeners)
    {
        var checks = new List<ReadinessCheck> { new("server", _ => ValueTask.FromResult(FindProblem(server.State))) };
        if (listeners > 0)
            checks.Add(new ReadinessCheck("listeners", _ => ValueTask.FromResult(FindProblem(server.EndPoints.Count + http.Sum(static edge => edge.EndPoints.Count), listeners))));
        if (server.Storage is { } storage)
            checks.Add(new ReadinessCheck("storage", token => FindProblemAsync(server, storage, token)));
        checks.Add(new ReadinessCheck("resources", _ => ValueTask.FromResult(FindProblem(server.Edge.Shortage))));
        return checks;
    }

    private static string? FindProblem(MailServerState state) => state switch
    {
        MailServerState.Running => null,
        MailServerState.Stopping => "it is stopping",
        _ => "it is starting",
    };

    private static string? FindProblem(int open, int wanted) =>
        open == wanted ? null : string.Create(CultureInfo.InvariantCulture, $"{open} of {wanted} are open");

    private static string? FindProblem(RefusalReason shortage) => shortage == RefusalReason.None ? null : $"no more mail is taken: {shortage}";

    // What it knows of itself says whether it takes new mail; reading asks those that are reached by a network.
    private static async ValueTask<string?> FindProblemAsync(MailServer server, IQueueStorage storage, CancellationToken cancellationToken)
    {
        if (server.State is not (MailServerState.Running or MailServerState.Stopping))
            return "it is not open yet";
        StorageInfo info = storage.GetInfo();
        if (!info.AcceptsNew)
            return info.Problem ?? "it takes no new mail";
        (await storage.ReadAsync(Nobody, cancellationToken))?.Envelope.Content.Release();
        return null;
    }
}
