using System.Buffers;
using System.Net;
using SlimtaFast.Edge.Limits;
using SlimtaFast.Mail;
using SlimtaFast.MailAuth;
using SlimtaFast.Queue;

namespace SlimtaFast.Edge.Results;

/// <summary>Removes received fields that only this server could have written. Thread-safe.</summary>
internal sealed class ForgedFieldRemoval : IQueuePolicy, IHeaderEdit
{
    private readonly string _serverId;
    private readonly NetworkList _trusted;

    /// <summary>Makes the policy.</summary>
    /// <param name="serverId">This server's name in the fields.</param>
    /// <param name="trusted">Clients whose fields stay.</param>
    public ForgedFieldRemoval(string serverId, IReadOnlyList<IPNetwork> trusted)
    {
        ArgumentException.ThrowIfNullOrEmpty(serverId);
        ArgumentNullException.ThrowIfNull(trusted);
        _serverId = serverId;
        _trusted = new NetworkList(trusted);
    }

    /// <inheritdoc/>
    public ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ClientFacts client = message.Envelope.Client;
        return client.Identity is null && _trusted.Contains(client.Address) ? ValueTask.CompletedTask : message.EditHeadersAsync(this, cancellationToken);
    }

    /// <inheritdoc/>
    public bool TryEdit(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, IBufferWriter<byte> replacement) =>
        ResultFields.IsResults(name) ? AuthenticationResults.MayClaim(value, _serverId)
        : ResultFields.IsReceivedSpf(name) && ReceivedSpf.MayClaim(value, _serverId);
}
