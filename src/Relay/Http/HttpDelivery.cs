using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using SlimtaFast.Mail;
using SlimtaFast.Protocol;
using SlimtaFast.Relay.Outcome;

namespace SlimtaFast.Relay.Http;

/// <summary>
/// One attempt by HTTP: one request, or several where the recipients are many, and a report of the answers. Thread-safe; everything of one
/// attempt is in its call.
/// </summary>
internal sealed class HttpDelivery : IDisposable
{
    // Of a response only the head counts; its body is read so far that the connection can serve the next message.
    private const int MostDrained = 64 * 1024;

    private static readonly SmtpReply NotAsked = new(451, "4.4.2", "The next hop failed at other recipients of the message");

    private readonly Uri _url;
    private readonly HttpRelayOptions _options;
    private readonly HttpConnector _connector;
    private readonly RequestWriter _writer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HttpMessageInvoker _client;
    private volatile bool _refusesExpect;

    /// <summary>Prepares deliveries to a URL.</summary>
    public HttpDelivery(Uri url, HttpRelayOptions options, HttpConnector connector, TimeProvider time, ILogger logger)
    {
        _logger = logger;
        _url = url;
        _options = options;
        _connector = connector;
        _time = time;
        _writer = new RequestWriter(url, options, time);
        _client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, cancellationToken) => ConnectAsync(cancellationToken),
            // Within the time of the exchange; how long a connection may take is the connector's matter.
            ConnectTimeout = Timeout.InfiniteTimeSpan,
            MaxConnectionsPerServer = options.MaxConnections > 0 ? options.MaxConnections : int.MaxValue,
            PooledConnectionIdleTimeout = options.IdleTimeout,
            // Without an idle time the server is asked to close, and need not be relied on to do it.
            PooledConnectionLifetime = options.IdleTimeout > TimeSpan.Zero ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
            MaxResponseDrainSize = MostDrained,
            // In KiB: as much as there is room for by default, and for each recipient's reply as long as they get.
            MaxResponseHeadersLength = 64 + (2 * Math.Max(1, options.MaxRecipients)),
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
        });
    }

    /// <summary>Sends the message to its recipients, group by group, and goes on only while the hop answers.</summary>
    public async ValueTask<DeliveryReport> AttemptAsync(Envelope envelope, IReadOnlyList<Recipient> recipients, CancellationToken cancellationToken)
    {
        var outcomes = new RecipientOutcome[recipients.Count];
        Array.Fill(outcomes, new RecipientOutcome(OutcomeKind.Transient, NotAsked));
        HopCondition hop = HopCondition.Up;
        bool possiblyDelivered = false;
        bool isFirst = true;
        Stack<RecipientGroup> groups = RecipientGroup.Split(recipients, Math.Max(1, _options.MaxRecipients));
        while (groups.TryPop(out RecipientGroup group))
        {
            HttpAnswer answer;
            int status;
            try
            {
                (answer, status) = await SendAsync(envelope, recipients, group, cancellationToken);
            }
            catch (OperationCanceledException) when (!isFirst)
            {
                // What earlier requests reached must not be forgotten with this one.
                possiblyDelivered = true;
                break;
            }
            catch (Exception fault) when (!isFirst && fault is not OutOfMemoryException)
            {
                RelayFault.Log(_logger, fault, envelope);
                break;
            }

            if (status == 431 && group.Count > 1)
            {
                // Request Header Fields Too Large (RFC 6585 section 5): fewer recipients may fit.
                (RecipientGroup first, RecipientGroup second) = group.Halve();
                groups.Push(second);
                groups.Push(first);
                continue;
            }

            Spread(answer, group, outcomes);
            possiblyDelivered |= answer.PossiblyDelivered;
            // A hop that took a part of the message is not down.
            if (answer.Hop != HopCondition.Up)
                hop = isFirst ? answer.Hop : HopCondition.Busy;
            isFirst = false;
            if (status == 0 || answer.Hop == HopCondition.Down)
                break;
        }

        return new DeliveryReport(outcomes, hop, possiblyDelivered);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await _connector.ConnectAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            throw _connector.TimedOut();
        }
    }

    // The status is 0 where no answer came.
    private async ValueTask<(HttpAnswer Answer, int Status)> SendAsync(Envelope envelope, IReadOnlyList<Recipient> recipients, RecipientGroup group, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.ExchangeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        bool expects = envelope.Length >= _options.ExpectContinueFrom && !_refusesExpect;
        while (true)
        {
            using var body = new MessageBody(envelope);
            try
            {
                AuthenticationHeaderValue? authorization = await _writer.AuthorizeAsync(either.Token);
                using HttpRequestMessage request = _writer.Make(envelope, recipients, group, body, expects, authorization);
                using HttpResponseMessage response = await _client.SendAsync(request, either.Token);
                if ((int)response.StatusCode == 417 && expects)
                {
                    // Expectation Failed: the message was not read. Not every server of python's age knows of expectations.
                    expects = false;
                    _refusesExpect = true;
                    continue;
                }

                return (ResponseReader.Read(response, group.Count), (int)response.StatusCode);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return (Failed(SmtpClientFailure.Timeout, body, null), 0);
            }
            catch (Exception trouble) when (trouble is HttpRequestException or IOException or SocketException && !cancellationToken.IsCancellationRequested)
            {
                return (Explain(trouble, body), 0);
            }
        }
    }

    private static HttpAnswer Explain(Exception trouble, MessageBody body)
    {
        for (Exception? cause = trouble; cause is not null; cause = cause.InnerException)
        {
            if (cause is HopUnreachableException unreachable)
                return new HttpAnswer(OutcomeKind.Transient, unreachable.Reply, unreachable.Condition);
        }

        if (body.SourceFailure is { } source)
            return Failed(SmtpClientFailure.ContentUnavailable, body, source.Message) with { PossiblyDelivered = false };
        SmtpClientFailure failure = trouble is HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded }
            ? SmtpClientFailure.ProtocolError
            : SmtpClientFailure.ConnectionLost;
        return Failed(failure, body, (trouble.InnerException ?? trouble).Message);
    }

    // Once the server may have all of it, only its answer could tell whether it took the message.
    private static HttpAnswer Failed(SmtpClientFailure failure, MessageBody body, string? problem)
    {
        SmtpClientStage stage = body.MayBeComplete ? SmtpClientStage.Final : SmtpClientStage.Content;
        SmtpReply reply = ReplyClassifier.ForFailure(failure, stage, problem);
        return new HttpAnswer(OutcomeKind.Transient, reply, ReplyClassifier.GetCondition(failure), body.MayBeComplete);
    }

    private void Spread(HttpAnswer answer, RecipientGroup group, RecipientOutcome[] outcomes)
    {
        for (int i = 0; i < group.Count; i++)
        {
            SmtpReply own = answer.PerRecipient is null ? default : answer.PerRecipient[i];
            OutcomeKind kind = own.IsNone ? answer.Kind : ReplyClassifier.Classify(new SmtpRecipientReply(own, SmtpClientStage.Recipient));
            outcomes[group.Start + i] = new RecipientOutcome(
                kind, own.IsNone ? answer.Reply : own, _url.Host, _connector.Tls, answer.ReportsSuccess, answer.KeepsDeadline);
        }
    }
}
