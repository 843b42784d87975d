using SlimtaFast.Mail;
using SlimtaFast.Queue.Delivery;

namespace SlimtaFast.Queue.Bounces;

/// <summary>
/// Makes the reports that an attempt calls for, as items ready to be stored: one for each kind of news. A report goes out with the null
/// reverse-path and is never made for one (RFC 5321 section 6.1). Thread-safe.
/// </summary>
internal sealed class ReportFactory
{
    private static readonly ReportAction[] Actions = [ReportAction.Failed, ReportAction.Delayed, ReportAction.Relayed, ReportAction.Delivered];

    private readonly QueueIdGenerator _ids;
    private readonly QueueEnvironment _environment;
    private readonly QueueMetrics _metrics;
    private readonly ClientFacts _client;
    private volatile MailQueueOptions _options;
    private volatile ReportComposer _composer;

    /// <summary>Makes a factory.</summary>
    public ReportFactory(MailQueueOptions options, QueueIdGenerator ids, QueueMetrics metrics, QueueEnvironment environment)
    {
        _options = options;
        _ids = ids;
        _metrics = metrics;
        _environment = environment;
        _composer = new ReportComposer(options);
        _client = new ClientFacts { ServerName = options.HostName, Protocol = "LOCAL" };
    }

    /// <summary>Goes by other settings from now on; the host name stays.</summary>
    public void Apply(MailQueueOptions options)
    {
        _options = options;
        _composer = new ReportComposer(options);
    }

    /// <summary>Makes the reports; each item holds one reference to its content, which the caller releases.</summary>
    public async Task<IReadOnlyList<QueueItem>> MakeAsync(QueueItem item, Judgement judgement)
    {
        Mailbox? addressee = GetAddressee(item, judgement);
        if (addressee is null)
            return [];
        List<QueueItem> reports = [];
        foreach (ReportAction action in Actions)
        {
            ReportedRecipient[] recipients = [.. judgement.Reports!.Where(reported => reported.Action == action)];
            if (recipients.Length == 0)
                continue;
            QueueItem report = await MakeAsync(item.Envelope, addressee.Value, action, recipients);
            QueueLog.Reported(_environment.Logger, item.Envelope.Id, addressee.Value, report.Envelope.Id);
            _metrics.Reported(action);
            reports.Add(report);
        }

        return reports;
    }

    private Mailbox? GetAddressee(QueueItem item, Judgement judgement)
    {
        Envelope envelope = item.Envelope;
        if (!envelope.ReversePath.IsNull)
            return envelope.ReversePath;
        ReportedRecipient? failed = judgement.Reports!.Find(static reported => reported.Action == ReportAction.Failed);
        if (failed is null)
            return null;
        _metrics.DoubleBounced();
        QueueLog.DoubleBounce(_environment.Logger, envelope.Id, judgement.Failed, failed.Reply);

        // A report to the postmaster that fails as well must not breed another.
        return _options.DoubleBounceTo is { } postmaster && envelope.Recipients.All(recipient => recipient.Address != postmaster) ? postmaster : null;
    }

    private async ValueTask<QueueItem> MakeAsync(Envelope original, Mailbox addressee, ReportAction action, ReportedRecipient[] recipients)
    {
        QueueId id = _ids.Next();
        DateTimeOffset now = _environment.Time.GetUtcNow();

        // RFC 3461 section 4.3: only a report of failure may return the whole message.
        bool full = action == ReportAction.Failed && original.Return != DsnReturn.Headers && original.Length <= _options.MaxReturnedOctets;
        ReturnedOriginal? returned = null;
        try
        {
            returned = await ReturnedOriginal.ReadAsync(original, full);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            QueueLog.NothingToReturn(_environment.Logger, original.Id, e);
        }

        byte[] bytes = _composer.Compose(new ReportFacts(id, original, addressee, action, recipients, now), returned);
        MessageContent content = await MakeContentAsync(id, bytes);
        var envelope = new Envelope
        {
            Id = id,
            ReversePath = Mailbox.Null,
            Recipients = [new Recipient(addressee)],
            Content = content,
            ReceivedAt = now,
            Client = _client,
            Body = content.Traits.HasFlag(ContentTraits.EightBit) ? BodyType.EightBitMime : BodyType.Unspecified,
            SmtpUtf8 = original.SmtpUtf8 || addressee.NeedsUtf8,

            // RFC 6710 section 4.5: news of an urgent message is as urgent.
            Terms = original.Terms is { Priority: not 0 } terms ? new DeliveryTerms { Priority = terms.Priority } : null,
        };
        return new QueueItem(envelope, DeliveryState.Initial(now, 1));
    }

    private static async ValueTask<MessageContent> MakeContentAsync(QueueId id, byte[] bytes)
    {
        using var writer = new PooledContentWriter(id, int.MaxValue, budget: null, static _ => throw new InvalidOperationException("A report never outgrows memory."));
        await writer.WriteAsync(bytes, CancellationToken.None);
        return await writer.CompleteAsync(ReportTraits.Of(bytes), CancellationToken.None);
    }
}
