using SlimtaFast.Queue;

namespace SlimtaFast.Server.Configuration;

/// <summary>The keys of section <c>Queue</c>: how many attempts run, and how much waits in memory.</summary>
internal static class QueueSection
{
    private const string Name = "Queue:";

    /// <summary>Reads which queue it is.</summary>
    public static QueueAddress ReadAddress(SettingsReader reader, RelayAddress relay)
    {
        const string Key = Name + "Address";
        QueueAddress address = reader.Parsed(Key, "local", QueueAddress.Parse);
        if (address.Kind == QueueKind.Proxy && relay.Kind == RelayKind.Hold)
            reader.Refuse(Key, "a proxy stores nothing, so it cannot relay to hold:");
        return address;
    }

    /// <summary>Reads what a queue that stores nothing goes by.</summary>
    public static ProxyQueueOptions ReadProxy(SettingsReader reader, MailQueueOptions queue) => new()
    {
        MaxReceivedFields = queue.MaxReceivedFields,
        MaxAttempts = queue.MaxAttempts,
        HeaderBudget = queue.HeaderBudget,
        Timeout = reader.Duration(Name + "ProxyTimeout", new ProxyQueueOptions().Timeout),
    };

    /// <summary>Reads where a queue that stores nothing keeps large messages meanwhile.</summary>
    public static string ReadScratchDirectory(SettingsReader reader) => reader.Text(Name + "ScratchDirectory", Path.GetTempPath());

    private static TimeSpan LeaseTime(SettingsReader reader, TimeSpan usual)
    {
        const string Key = Name + nameof(MailQueueOptions.LeaseTime);
        TimeSpan time = reader.Duration(Key, usual);
        if (time >= TimeSpan.FromSeconds(1))
            return time;
        reader.Refuse(Key, "must be at least 1s");
        return usual;
    }

    /// <summary>Reads the section.</summary>
    public static MailQueueOptions Read(SettingsReader reader, RetrySchedule retry, RelayAddress relay, PipeSettings pipe)
    {
        var plain = new MailQueueOptions();

        // The relay's own connections=N is about its hops, so it wins. A program's processes are its own bound (IRelay.GetMaxAttempts), which
        // other routes' hops have nothing to do with.
        int configured = reader.Number(Name + nameof(plain.HopMaxAttempts), plain.HopMaxAttempts, 1, 10_000);
        int hopMost = relay.Connections ?? configured;
        int mostOfAny = relay.IsProgram ? Math.Max(hopMost, pipe.Process.MaxProcesses) : hopMost;
        int hopInitial = reader.Number(Name + nameof(plain.HopInitialAttempts), Math.Min(plain.HopInitialAttempts, hopMost), 1, 10_000);
        TimeSpan retryFirst = reader.Duration(Name + nameof(plain.HopRetryFirst), plain.HopRetryFirst);
        TimeSpan retryMost = reader.Duration(Name + nameof(plain.HopRetryMost), plain.HopRetryMost);
        if (retryMost < retryFirst)
        {
            reader.Refuse(Name + nameof(plain.HopRetryMost), $"must not be shorter than {Name}{nameof(plain.HopRetryFirst)}");
            retryMost = retryFirst;
        }

        return plain with
        {
            Hold = relay.Kind == RelayKind.Hold,
            Retry = retry,
            DelayNotice = reader.Duration(Name + nameof(plain.DelayNotice), plain.DelayNotice),
            MaxReceivedFields = reader.Number(Name + nameof(plain.MaxReceivedFields), plain.MaxReceivedFields, 1, 1000),
            MaxAttempts = reader.Number(Name + nameof(plain.MaxAttempts), Math.Max(plain.MaxAttempts, mostOfAny), 1, 100_000),
            HopInitialAttempts = Math.Min(hopInitial, hopMost),
            HopMaxAttempts = hopMost,
            ResidentItems = reader.Number(Name + nameof(plain.ResidentItems), plain.ResidentItems, 0, 10_000_000),
            ResidentOctets = reader.Size(Name + nameof(plain.ResidentOctets), plain.ResidentOctets),
            HopRetryFirst = retryFirst,
            HopRetryMost = retryMost,
            LeaseTime = LeaseTime(reader, plain.LeaseTime),
            MaxLeased = reader.Number(Name + nameof(plain.MaxLeased), plain.MaxLeased, 1, 1_000_000),
            StopGrace = reader.Duration(Name + nameof(plain.StopGrace), plain.StopGrace),
            MaxReturnedOctets = (int)Math.Min(reader.Size(Name + nameof(plain.MaxReturnedOctets), plain.MaxReturnedOctets), int.MaxValue),
            HeaderBudget = reader.Size(Name + nameof(plain.HeaderBudget), plain.HeaderBudget, least: 1),
        };
    }
}
