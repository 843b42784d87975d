using System.Buffers;
using System.Globalization;
using SlimtaFast.Mail;
using SlimtaFast.Storage.Redis.Connections;
using SlimtaFast.Storage.Redis.Pieces;
using StackExchange.Redis;

namespace SlimtaFast.Storage.Redis.Items;

/// <summary>Makes a state into arguments of the script that stores it.</summary>
internal static class StateText
{
    /// <summary>The octets that every envelope of ours begins with, by which others' hashes are told apart.</summary>
    public static readonly RedisValue HeadStart = "SFEH";

    /// <summary>The arguments up to the bounces.</summary>
    public static RedisValue[] MakeHead(RedisKeys keys, int place, QueueId id, string epoch, DeliveryState state, string bounceLease)
    {
        bool isClosed = state.IsClosed;
        return
        [
            keys.PrefixOf(place),
            keys.Channel,
            bounceLease,
            id.ToString(),
            epoch,
            state.Version.ToString(CultureInfo.InvariantCulture),
            isClosed ? "1" : "0",
            ItemText.FormatTimestamp(state.DueAt),
            state.Attempts.ToString(CultureInfo.InvariantCulture),
            isClosed ? "" : WriteState(id, state),
            state.DueAt.ToUnixTimeMilliseconds(),
            (long)PieceStore.Linger.TotalMilliseconds,
            isClosed ? "" : state.RoutingDomain ?? "",
        ];
    }

    private static RedisValue WriteState(QueueId id, DeliveryState state)
    {
        var buffer = new ArrayBufferWriter<byte>((int)Math.Min(EnvelopeSerializer.GetStateBound(state), 1024 * 1024));
        EnvelopeSerializer.WriteState(buffer, id, state);
        return buffer.WrittenMemory;
    }
}
