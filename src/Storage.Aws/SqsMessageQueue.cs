using System.Globalization;
using Amazon.SQS;
using Amazon.SQS.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Storage.Aws.Sqs;
using SlimtaFast.Storage.Cloud;

namespace SlimtaFast.Storage.Aws;

/// <summary>A queue of SQS, waited for by long polling. Messages that come too early are hidden again, so that a delay may be longer than 15 minutes. Thread-safe.</summary>
public sealed class SqsMessageQueue : IMessageQueue
{
    private const int MostAtOnce = 10;
    private const int LeastReceives = 100;

    private readonly SqsOptions _options;
    private readonly ILogger _logger;
    private readonly AmazonSQSClient _client;
    private string _url = "";

    /// <summary>Makes a queue that <see cref="StartAsync"/> looks up.</summary>
    /// <param name="options">Which queue.</param>
    /// <param name="logger">Told of what an operator should know; null for nowhere.</param>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    public SqsMessageQueue(SqsOptions options, ILogger<SqsMessageQueue>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = logger ?? NullLogger<SqsMessageQueue>.Instance;

        var config = new AmazonSQSConfig();

        // A request that waits for messages takes 20 seconds when all is well.
        options.Endpoint.Configure(config, options.Endpoint.Timeout + TimeSpan.FromSeconds(20));
        _client = options.Endpoint.Credentials is { } credentials ? new AmazonSQSClient(credentials, config) : new AmazonSQSClient(config);
    }

    /// <inheritdoc/>
    public string Description => $"sqs:{_options.Queue}";

    /// <inheritdoc/>
    public TimeSpan LongestDelay => TimeSpan.FromMinutes(15);

    /// <inheritdoc/>
    public TimeSpan LongestHidden => TimeSpan.FromHours(11);

    /// <inheritdoc/>
    public bool HidesSingly => true;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _url = (await RunAsync(token => _client.GetQueueUrlAsync(_options.Queue, token), cancellationToken).ConfigureAwait(false)).QueueUrl;
        GetQueueAttributesResponse answer = await RunAsync(token => _client.GetQueueAttributesAsync(_url, ["RedrivePolicy"], token), cancellationToken).ConfigureAwait(false);
        string? policy = answer.Attributes is { } attributes && attributes.TryGetValue("RedrivePolicy", out string? text) ? text : null;
        if (RedrivePolicy.MostReceives(policy) is not { } receives)
            AwsLog.NoDeadLetters(_logger, Description);
        else if (receives < LeastReceives)
            AwsLog.FewReceives(_logger, Description, receives, LeastReceives);
    }

    /// <inheritdoc/>
    public async ValueTask SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken)
    {
        foreach (OutgoingMessage[] some in messages.Chunk(MostAtOnce))
        {
            List<SendMessageBatchRequestEntry> entries = [.. some.Select((message, i) => new SendMessageBatchRequestEntry(Number(i), message.Body) { DelaySeconds = Seconds(message.Delay) })];
            SendMessageBatchResponse answer = await RunAsync(token => _client.SendMessageBatchAsync(_url, entries, token), cancellationToken).ConfigureAwait(false);
            if (answer.Failed is { Count: > 0 } failed)
                throw new StorageException(StorageFailure.Unavailable, $"{Description}: {failed[0].Code} {failed[0].Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ReceivedMessage>> ReceiveAsync(int max, TimeSpan hidden, TimeSpan wait, CancellationToken cancellationToken)
    {
        var request = new ReceiveMessageRequest(_url)
        {
            MaxNumberOfMessages = Math.Clamp(max, 1, MostAtOnce),
            VisibilityTimeout = Seconds(hidden),
            WaitTimeSeconds = Math.Clamp(Seconds(wait), 0, 20),
            MessageSystemAttributeNames = ["ApproximateReceiveCount"],
        };
        ReceiveMessageResponse answer = await RunAsync(token => _client.ReceiveMessageAsync(request, token), cancellationToken).ConfigureAwait(false);
        return [.. (answer.Messages ?? []).Select(static message => new ReceivedMessage(message.Body, message.ReceiptHandle, ReceivesOf(message)))];
    }

    /// <inheritdoc/>
    public async ValueTask HideAsync(IReadOnlyList<string> receipts, TimeSpan hidden, CancellationToken cancellationToken)
    {
        foreach (string[] some in receipts.Chunk(MostAtOnce))
        {
            // Entries that fail are of receipts that are over.
            List<ChangeMessageVisibilityBatchRequestEntry> entries = [.. some.Select((receipt, i) => new ChangeMessageVisibilityBatchRequestEntry(Number(i), receipt) { VisibilityTimeout = Seconds(hidden) })];
            await RunAsync(token => _client.ChangeMessageVisibilityBatchAsync(_url, entries, token), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(IReadOnlyList<string> receipts, CancellationToken cancellationToken)
    {
        foreach (string[] some in receipts.Chunk(MostAtOnce))
        {
            List<DeleteMessageBatchRequestEntry> entries = [.. some.Select((receipt, i) => new DeleteMessageBatchRequestEntry(Number(i), receipt))];
            await RunAsync(token => _client.DeleteMessageBatchAsync(_url, entries, token), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Seconds(TimeSpan time) => (int)Math.Ceiling(Math.Clamp(time.TotalSeconds, 0, 43_200));

    private static int ReceivesOf(Message message) =>
        message.Attributes is { } attributes && attributes.TryGetValue("ApproximateReceiveCount", out string? text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 0;

    private async ValueTask<T> RunAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception trouble) when (AwsFault.IsKnown(trouble, cancellationToken))
        {
            throw AwsFault.Translate(trouble, Description, false);
        }
    }
}
