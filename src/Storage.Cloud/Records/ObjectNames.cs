using System.Globalization;
using SlimtaFast.Mail;

namespace SlimtaFast.Storage.Cloud.Records;

/// <summary>What the objects are called.</summary>
internal static class ObjectNames
{
    /// <summary>What items begin with: a line, the head, and a content that is not an object of its own. Written once.</summary>
    public const string Items = "items/";

    /// <summary>What the records of items that changed begin with.</summary>
    public const string States = "states/";

    /// <summary>What contents begin with that are objects of their own.</summary>
    public const string Contents = "contents/";

    /// <summary>What empty objects begin with that say which item needs which content.</summary>
    public const string Uses = "uses/";

    /// <summary>What empty objects begin with that stand in the order of due times.</summary>
    public const string Due = "due/";

    /// <summary>The place of the only writer.</summary>
    public const string Writer = "writer";

    /// <summary>By which the endpoint is tried.</summary>
    public const string Probe = "probe/";

    private const int TimeDigits = 15;

    /// <summary>An item's object.</summary>
    public static string Item(QueueId id) => Items + id;

    /// <summary>An item's record.</summary>
    public static string State(QueueId id) => States + id;

    /// <summary>A content.</summary>
    public static string Content(QueueId id) => Contents + id;

    /// <summary>What says that an item needs a content.</summary>
    public static string Use(QueueId content, QueueId item) => $"{Uses}{content}/{item}";

    /// <summary>An item in the order of due times.</summary>
    public static string Marker(long time, QueueId id) => string.Create(CultureInfo.InvariantCulture, $"{Due}{time:D15}-{id}");

    /// <summary>Reads the name of a marker.</summary>
    public static bool TryReadMarker(string name, out long time, out QueueId id)
    {
        time = 0;
        id = default;
        ReadOnlySpan<char> text = name;
        return text.Length == Due.Length + TimeDigits + 1 + QueueId.PrintedLength
            && text[Due.Length + TimeDigits] == '-'
            && long.TryParse(text.Slice(Due.Length, TimeDigits), NumberStyles.None, CultureInfo.InvariantCulture, out time)
            && QueueId.TryParse(text[(Due.Length + TimeDigits + 1)..], out id);
    }

    /// <summary>Reads the id behind a prefix.</summary>
    public static bool TryReadId(string name, string prefix, out QueueId id)
    {
        id = default;
        return name.StartsWith(prefix, StringComparison.Ordinal) && QueueId.TryParse(name.AsSpan(prefix.Length), out id);
    }
}
