using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SlimtaFast.Mail;
using SlimtaFast.Queue.Policies;
using SlimtaFast.Queue.Spam;

namespace SlimtaFast.Queue;

/// <summary>
/// Has SpamAssassin's spamd judge each message and notes the verdict in X-Spam-Status, X-Spam-Score, X-Spam-Symbols and, for spam,
/// X-Spam-Flag; from a score on it refuses. All X-Spam fields that came from outside are removed, also where nothing is scanned. Fields
/// that policies before it added are judged too, so it stands best behind the one that adds Received. Thread-safe.
/// </summary>
public sealed class SpamAssassinPolicy : IQueuePolicy, IDisposable
{
    private static readonly SmtpReply Spam = new(554, "5.7.1", "Refused as spam");
    private static readonly SmtpReply Unscanned = new(451, "4.3.0", "The message could not be scanned, try again later");

    private readonly SpamAssassinOptions _options;
    private readonly SpamdClient _spamd;
    private readonly RemoveHeaders _forged = new(["X-Spam-*"]);
    private readonly ILogger _log;

    /// <summary>Makes the policy; spamd need not run yet.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock for the time limit; null for the system's.</param>
    /// <param name="log">Told of scans that failed; null for nobody.</param>
    public SpamAssassinPolicy(SpamAssassinOptions options, TimeProvider? time = null, ILogger<SpamAssassinPolicy>? log = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxScans, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Timeout, TimeSpan.Zero, nameof(options));
        if (options.User.Any(static c => c is <= ' ' or > '~'))
            throw new ArgumentException("The user's name has characters that spamd's protocol does not allow.", nameof(options));
        _options = options;
        _spamd = new SpamdClient(options, time ?? TimeProvider.System);
        _log = log ?? NullLogger<SpamAssassinPolicy>.Instance;
    }

    /// <inheritdoc/>
    public async ValueTask ApplyAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        await message.EditHeadersAsync(_forged, cancellationToken);
        if (!message.Refusal.IsNone || message.Length > _options.MaxSize)
            return;
        SpamdVerdict verdict;
        try
        {
            verdict = await _spamd.ScanAsync(message, cancellationToken);
        }
        catch (SpamdException trouble)
        {
            QueueLog.NotScanned(_log, message.Envelope.Id, _options.Unavailable, trouble.Message);
            if (_options.Unavailable == UnscannedMail.TryLater)
                message.Refuse(Unscanned);
            return;
        }

        if (verdict.Score >= _options.RefuseScore)
            message.Refuse(Spam);
        else
            Note(message, verdict);
    }

    /// <inheritdoc/>
    public void Dispose() => _spamd.Dispose();

    private static void Note(IncomingMessage message, SpamdVerdict verdict)
    {
        var fields = new ArrayBufferWriter<byte>();
        string symbols = verdict.Symbols.Replace(",", ", ", StringComparison.Ordinal);
        if (verdict.IsSpam)
            Write(fields, "X-Spam-Flag"u8, "YES");
        Write(fields, "X-Spam-Score"u8, string.Create(CultureInfo.InvariantCulture, $"{verdict.Score:0.0##}"));
        Write(fields, "X-Spam-Status"u8, string.Create(CultureInfo.InvariantCulture, $"{(verdict.IsSpam ? "Yes" : "No")}, score={verdict.Score:0.0##} required={verdict.Threshold:0.0##}"));
        if (symbols.Length > 0)
            Write(fields, "X-Spam-Symbols"u8, symbols);
        message.PrependFields(fields.WrittenSpan);
    }

    private static void Write(ArrayBufferWriter<byte> fields, ReadOnlySpan<byte> name, string value) =>
        FoldedField.Write(fields, name, Encoding.ASCII.GetBytes(value));
}
