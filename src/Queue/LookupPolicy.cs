using System.Buffers;
using System.Text;
using System.Text.Json;
using SlimtaFast.Lookup;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Policies;

namespace SlimtaFast.Queue;

/// <summary>
/// Changes addresses and adds header fields as a lookup's records say, JSON objects with the members that python-slimta's policy of that
/// name has, all optional: <c>verp</c> makes <c>user@domain</c> into <c>user=domain@VALUE</c>, <c>alias</c> is the new address or, without
/// an @, the new domain, with <c>{localpart}</c> and <c>{domain}</c> in it, <c>add_headers</c> is an object of names and values. In this
/// order. Looked up are the address, its domain, and the domains above with a leading dot. A record that is none of this puts the message
/// off (451). Thread-safe.
/// </summary>
public sealed class LookupPolicy : IQueuePolicy
{
    private readonly AddressLookup _lookup;
    private readonly bool _onSender;
    private readonly bool _onRecipients;

    /// <summary>Makes the policy.</summary>
    /// <param name="lookup">Where the records are.</param>
    /// <param name="onSender">Whether the sender is looked up.</param>
    /// <param name="onRecipients">Whether the recipients are.</param>
    public LookupPolicy(ILookup lookup, bool onSender = false, bool onRecipients = true)
    {
        _lookup = new AddressLookup(lookup);
        _onSender = onSender;
        _onRecipients = onRecipients;
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        var fields = new ArrayBufferWriter<byte>();
        Envelope envelope = message.Envelope;
        if (_onSender && !envelope.ReversePath.IsNull)
            envelope = envelope with { ReversePath = await ApplyAsync(envelope.ReversePath, fields, cancellationToken) };
        if (_onRecipients)
        {
            var recipients = new List<Recipient>(envelope.Recipients.Count);
            foreach (Recipient recipient in envelope.Recipients)
                recipients.Add(Forwarding.Forward(recipient, await ApplyAsync(recipient.Address, fields, cancellationToken)));
            envelope = Forwarding.WithRecipients(envelope, recipients);
        }

        message.Replace(envelope);
        if (fields.WrittenCount > 0)
            message.PrependFields(fields.WrittenSpan);
    }

    private async ValueTask<Mailbox> ApplyAsync(Mailbox address, ArrayBufferWriter<byte> fields, CancellationToken cancellationToken)
    {
        if (await _lookup.FindAsync(address.Address, cancellationToken) is not { } text)
            return address;
        string source = $"The record of {address}";
        try
        {
            using var record = JsonDocument.Parse(text);
            if (Read(record.RootElement, "verp") is { } verp)
                address = Forwarding.ReadAddress(address.Domain.IsEmpty ? $"{address}@{verp}" : $"{address.LocalPart}={address.Domain}@{verp}", source);
            if (Read(record.RootElement, "alias") is { } alias)
                address = ApplyAlias(address, alias, source);
            if (record.RootElement.TryGetProperty("add_headers", out JsonElement headers))
                AddHeaders(headers, fields);
            return address;
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{source} cannot be used: {wrong.Message}", wrong);
        }
    }

    private static string? Read(JsonElement record, string name) =>
        record.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static Mailbox ApplyAlias(Mailbox address, string alias, string source)
    {
        string local = address.LocalPart.ToString();
        string filled = alias.Replace("{localpart}", local, StringComparison.Ordinal).Replace("{domain}", address.Domain.ToString(), StringComparison.Ordinal);
        return Forwarding.ReadAddress(filled.Contains('@', StringComparison.Ordinal) ? filled : $"{local}@{filled}", source);
    }

    private static void AddHeaders(JsonElement headers, ArrayBufferWriter<byte> fields)
    {
        foreach (JsonProperty header in headers.EnumerateObject())
            FoldedField.Write(fields, FieldNames.CheckName(header.Name), Encoding.ASCII.GetBytes(header.Value.GetString() ?? ""));
    }
}
