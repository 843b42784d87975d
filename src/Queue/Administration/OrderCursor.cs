using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Administration;

/// <summary>Where an order goes on, and what it is not for: items of that id and later ones.</summary>
internal static class OrderCursor
{
    /// <summary>Writes a cursor; null where there is nothing to go on with.</summary>
    public static string? Write(QueueId before, string? search) => search is null ? null : $"{before}.{search}";

    /// <summary>Reads a cursor.</summary>
    /// <exception cref="QueueDeskException">It is none.</exception>
    public static (QueueId Before, string Search) Read(string cursor)
    {
        int dot = cursor.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && QueueId.TryParse(cursor.AsSpan(0, dot), out QueueId before)
            ? (before, cursor[(dot + 1)..])
            : throw new QueueDeskException("The cursor is none that an order before has told.");
    }
}
