using System.Buffers.Text;
using System.Globalization;
using System.Text;
using SlimtaFast.Mail;
using SlimtaFast.Protocol.Replies;

namespace SlimtaFast.Protocol.Commands;

/// <summary>
/// The parameters of MAIL that ask for a time or a priority, as given: BY (RFC 2852), HOLDFOR and HOLDUNTIL (RFC 4865), MT-PRIORITY (RFC 6710).
/// Pure; what they mean at a moment is told by <see cref="Resolve"/>.
/// </summary>
internal struct TermsParameters
{
    // RFC 2852 section 4 and RFC 4865 section 4: at most nine digits.
    private const int MostDigits = 9;

    // A date and time with fractions and an offset.
    private const int LongestTime = 40;

    private Seen _seen;
    private int _bySeconds;
    private DeliverByMode _byMode;
    private bool _byTrace;
    private int _holdFor;
    private DateTimeOffset _holdUntil;
    private int _priority;

    [Flags]
    private enum Seen : byte
    {
        By = 1,
        Hold = 2,
        HoldFor = 4,
        Priority = 8,
    }

    /// <summary>True where any was given.</summary>
    public readonly bool IsUsed => _seen != 0;

    /// <summary>
    /// Takes a parameter: <see cref="Canned.None"/> where it is one of these and fits, <see cref="Canned.UnknownParameter"/> where it is none,
    /// or what is wrong with it.
    /// </summary>
    public Canned Take(in ParameterReader parameter, MailOffers offers)
    {
        if ((offers & MailOffers.DeliverBy) != 0 && parameter.Is("BY"u8))
            return Note(Seen.By, TakeBy(parameter.Value));
        if ((offers & MailOffers.Priority) != 0 && parameter.Is("MT-PRIORITY"u8))
            return Note(Seen.Priority, TakePriority(parameter.Value));
        if ((offers & MailOffers.FutureRelease) == 0)
            return Canned.UnknownParameter;

        // RFC 4865 section 4: one of the two, and once.
        if (parameter.Is("HOLDFOR"u8))
            return Note(Seen.Hold, TakeHoldFor(parameter.Value));
        return parameter.Is("HOLDUNTIL"u8) ? Note(Seen.Hold, TakeHoldUntil(parameter.Value)) : Canned.UnknownParameter;
    }

    /// <summary>What was asked, counted from now; null and an error where it cannot be.</summary>
    /// <param name="now">When MAIL came.</param>
    /// <param name="longestHold">The longest time that a message is held.</param>
    /// <param name="shortestBy">The shortest time that may be set with by-mode R.</param>
    /// <param name="error">What is wrong, or <see cref="Canned.None"/>.</param>
    public readonly DeliveryTerms? Resolve(DateTimeOffset now, TimeSpan longestHold, TimeSpan shortestBy, out Canned error)
    {
        error = Canned.None;
        DateTimeOffset? release = (_seen & Seen.Hold) == 0 ? null : (_seen & Seen.HoldFor) != 0 ? now.AddSeconds(_holdFor) : _holdUntil;
        if (release <= now || release > now + longestHold)
        {
            error = Canned.BadHoldTime;
            return null;
        }

        DeliverBy? by = (_seen & Seen.By) == 0 ? null : new DeliverBy(now.AddSeconds(_bySeconds), _byMode, _byTrace, IsPast: _bySeconds <= 0);
        if (by is { Mode: DeliverByMode.Return } && (_bySeconds < shortestBy.TotalSeconds || release >= by.Deadline))
        {
            // RFC 2852 section 2 (5): a time that cannot be kept is refused at once.
            error = Canned.BadDeliverBy;
            return null;
        }

        var terms = new DeliveryTerms { HoldUntil = release, By = by, Priority = _priority };
        return terms.IsEmpty ? null : terms;
    }

    private Canned Note(Seen which, bool isValid)
    {
        if ((_seen & which) != 0)
            return Canned.RepeatedParameter;
        _seen |= which;
        return isValid ? Canned.None : Canned.BadParameter;
    }

    // by-value = by-time ";" by-mode [by-trace];  by-time = ["+" / "-"] 1*9DIGIT;  by-mode = "N" / "R";  by-trace = "T"
    private bool TakeBy(ReadOnlySpan<byte> value)
    {
        int semicolon = value.IndexOf((byte)';');
        if (semicolon <= 0)
            return false;
        ReadOnlySpan<byte> time = value[..semicolon];
        ReadOnlySpan<byte> how = value[(semicolon + 1)..];
        bool isNegative = time[0] == (byte)'-';
        if (time[0] is (byte)'-' or (byte)'+')
            time = time[1..];
        if (!TryReadNumber(time, out _bySeconds) || how.Length is not (1 or 2) || (how.Length == 2 && (how[1] | 0x20) != 't'))
            return false;
        _bySeconds = isNegative ? -_bySeconds : _bySeconds;
        _byTrace = how.Length == 2;
        _byMode = (how[0] | 0x20) == 'r' ? DeliverByMode.Return : DeliverByMode.Notify;
        return (how[0] | 0x20) is 'n' or 'r' && (_byMode == DeliverByMode.Notify || _bySeconds > 0);
    }

    // priority-value = (["-"] NZDIGIT) / "0"
    private bool TakePriority(ReadOnlySpan<byte> value)
    {
        bool isNegative = value.Length == 2 && value[0] == (byte)'-';
        if (value.Length != (isNegative ? 2 : 1) || value[^1] is < (byte)'0' or > (byte)'9')
            return false;
        _priority = isNegative ? '0' - value[^1] : value[^1] - '0';
        return !isNegative || _priority != 0;
    }

    // future-release-interval = 1*9DIGIT, not zero
    private bool TakeHoldFor(ReadOnlySpan<byte> value)
    {
        _seen |= Seen.HoldFor;
        return TryReadNumber(value, out _holdFor) && _holdFor > 0;
    }

    // future-release-date-time = date-time of RFC 3339 section 5.6
    private bool TakeHoldUntil(ReadOnlySpan<byte> value)
    {
        if (value.Length is < 20 or > LongestTime || !Ascii.IsValid(value))
            return false;
        string text = Encoding.ASCII.GetString(value).ToUpperInvariant();
        return (text[^1] == 'Z' || text[^6] is '+' or '-')
            && DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture, DateTimeStyles.None, out _holdUntil);
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        return digits.Length is > 0 and <= MostDigits
            && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && Utf8Parser.TryParse(digits, out number, out _);
    }
}
