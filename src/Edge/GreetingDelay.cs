using System.IO.Pipelines;
using System.Net.Sockets;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;

namespace SlimtaFast.Edge;

/// <summary>
/// Lets clients wait for the greeting, without holding anything but the connection, and refuses those that talk before it: they send
/// without listening (RFC 5321 section 3.1 has the server speak first). Clients that may relay or are exempt do not wait. Put it behind
/// the checks that look the client up, which then use the time.
/// </summary>
public sealed class GreetingDelay : SessionHook
{
    private static readonly SmtpReply Refusal = new(554, "5.5.1", "You talked before the greeting");

    private readonly TimeSpan _delay;
    private readonly TimeProvider _time;

    /// <summary>Makes the delay.</summary>
    /// <param name="delay">How long; well below the 5 minutes that a client waits for a greeting.</param>
    /// <param name="time">The clock; null for the system's.</param>
    public GreetingDelay(TimeSpan delay, TimeProvider? time = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(delay, TimeSpan.Zero);
        _delay = delay;
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public override async ValueTask<SmtpReply> OnConnectAsync(HookSession session, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(session);
        // Other protocols have no greeting: there the client speaks first.
        if (session.MayRelay || session.IsExempt || session.IsGateway)
            return default;
        PipeReader input = session.Input;
        ReadResult result;
        try
        {
            await using ITimer timer = _time.CreateTimer(static state => ((PipeReader)state!).CancelPendingRead(), input, _delay, Timeout.InfiniteTimeSpan);
            // The end of the delay, or of the server, cancels it.
            result = await input.ReadAsync(cancellationToken);
        }
        catch (Exception gone) when (gone is IOException or SocketException or TimeoutException)
        {
            // The dialogue finds it out in its own way.
            return default;
        }

        bool isEarly = !result.Buffer.IsEmpty;
        // Nothing is used up: what came stays for the dialogue.
        input.AdvanceTo(result.Buffer.Start);
        return isEarly ? session.Refuse(RefusalReason.EarlyTalker, Refusal) : default;
    }
}
