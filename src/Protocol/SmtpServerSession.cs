using SlimtaFast.Mail;
using SlimtaFast.Protocol.Transport;

namespace SlimtaFast.Protocol;

/// <summary>Runs one SMTP dialogue as a server over a connection.</summary>
public sealed class SmtpServerSession
{
    private readonly Connection _connection;
    private readonly SmtpServerHandler _handler;

    /// <summary>Prepares a session; <see cref="RunAsync"/> runs it.</summary>
    public SmtpServerSession(Connection connection, SmtpServerHandler handler, SmtpServerOptions options)
    {
        _connection = connection;
        _handler = handler;
        Options = options;
    }

    /// <summary>What was configured.</summary>
    public SmtpServerOptions Options { get; }

    /// <summary>The connection.</summary>
    public Connection Connection => _connection;

    /// <summary>The client's HELO or EHLO argument; empty before it.</summary>
    public string HelloName { get; private set; } = "";

    /// <summary>Facts of the client for envelopes, one object for the whole session until a hello or TLS changes them.</summary>
    public ClientFacts Client { get; private set; } = new();

    /// <summary>Something of the handler's own.</summary>
    public object? State { get; set; }

    /// <summary>Runs the dialogue to its end.</summary>
    public Task<SessionEndReason> RunAsync(CancellationToken stopping) => throw new NotSupportedException();
}
