using SlimtaFast.Queue;

namespace SlimtaFast.Admin.Api;

/// <summary>A past attempt at a queued message; reply, remote and TLS are those of its first recipient.</summary>
internal sealed record MessageAttempt(
    DateTimeOffset At, int Number, string Hop, int Delivered, int Deferred, int Failed, string? Reply, string? Remote, string? Tls, double Seconds)
{
    public static MessageAttempt Of(PastAttempt attempt) => new(
        attempt.At, attempt.Number, attempt.NextHop, attempt.Delivered, attempt.Deferred, attempt.Failed,
        attempt.First.Reply.IsNone ? null : attempt.First.Reply.ToString(), attempt.First.RemoteName, attempt.First.Tls, Math.Round(attempt.Took.TotalSeconds, 3));
}
