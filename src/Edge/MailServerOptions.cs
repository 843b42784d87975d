using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge;

/// <summary>The settings of a <see cref="MailServer"/>; every part has a default. Immutable.</summary>
public sealed record MailServerOptions
{
    /// <summary>The server's name in greetings, Received fields and reports. Default <c>localhost</c>.</summary>
    public string HostName { get; init; } = "localhost";

    /// <summary>Where to listen and what to let in. The host name above takes the place of its own.</summary>
    public SmtpEdgeOptions Edge { get; init; } = new();

    /// <summary>Retry, limits and holding. The host name above takes the place of its own.</summary>
    public MailQueueOptions Queue { get; init; } = new();

    /// <summary>Limits of a server that stores nothing.</summary>
    public ProxyQueueOptions Proxy { get; init; } = new();

    /// <summary>
    /// What is done with each message before it is stored or relayed, in this order; null for <see cref="QueuePolicies.Standard"/>: Date, Message-ID
    /// and Received.
    /// </summary>
    public IReadOnlyList<IQueuePolicy>? Policies { get; init; }

    /// <summary>The threads that serve connections.</summary>
    public TransportOptions Transport { get; init; } = new();

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where to log. Default: nowhere.</summary>
    public ILoggerFactory Loggers { get; init; } = NullLoggerFactory.Instance;

    /// <summary>Is told of every delivery, deferral, bounce and refusal; null where nobody wants to know. It stays the caller's, and has to outlive the server.</summary>
    public IMailEventSink? Events { get; init; }

    /// <summary>Makes the meters; null to make them without a factory.</summary>
    public IMeterFactory? Meters { get; init; }
}
