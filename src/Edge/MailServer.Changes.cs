using SlimtaFast.Protocol.Transport;
using SlimtaFast.Relay;

namespace SlimtaFast.Edge;

/// <summary>What can change while the server runs.</summary>
public sealed partial class MailServer
{
    private readonly Lock _changing = new();
    private readonly List<Task> _retiring = [];

    /// <summary>
    /// Goes by other options without a pause: see <see cref="SmtpEdge.Apply"/> and <see cref="Queue.MailQueue.ApplyAsync"/>. Of the options of queue, proxy, transport,
    /// time, loggers, meters and events nothing else changes, and the host name neither. A relay that is replaced is disposed when its last attempt has ended.
    /// </summary>
    /// <param name="options">The options; where they cannot be, <see cref="ArgumentException"/> is thrown and nothing has changed.</param>
    /// <param name="makeRelay">Makes another relay, over the server's transport; the server owns it. Null for the relay that there is.</param>
    public void Apply(MailServerOptions options, Func<ITransport, IRelay>? makeRelay = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_state == MailServerState.Stopping, this);
            options = options with { HostName = _hostName };
            Queue.RetrySchedule retry = options.Queue.Retry;
            ArgumentNullException.ThrowIfNull(retry);
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Queue.DelayNotice, TimeSpan.Zero);
            IRelay? relay = makeRelay?.Invoke(_transport);
            try
            {
                // The last thing that can be wrong: what follows cannot fail.
                _edge.Apply(EdgeOptionsOf(options));
            }
            catch
            {
                if (relay is not null)
                    _retiring.Add(RetireAsync(relay, Task.CompletedTask));
                throw;
            }

            Task unused = _stored is not null
                ? _stored.ApplyAsync(retry, options.Queue.DelayNotice, PoliciesOf(options), relay)
                : _proxy!.ApplyAsync(PoliciesOf(options), relay);
            if (relay is null)
                return;
            _retiring.RemoveAll(static retired => retired.IsCompletedSuccessfully);
            _retiring.Add(RetireAsync(_relay, unused));
            _relay = relay;
        }
    }

    private static async Task RetireAsync(IRelay relay, Task unused)
    {
        await unused;
        await relay.DisposeAsync();
    }

    // The queue has stopped: no attempt runs any more.
    private async Task RetireRelaysAsync()
    {
        Task[] retiring;
        lock (_changing)
        {
            retiring = [.. _retiring, RetireAsync(_relay, Task.CompletedTask)];
            _retiring.Clear();
        }

        await Task.WhenAll(retiring);
    }
}
