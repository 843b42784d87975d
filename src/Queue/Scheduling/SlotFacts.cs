using SlimtaFast.Mail;

namespace SlimtaFast.Queue.Scheduling;

/// <summary>What a slot said when it was looked at. Immutable.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Id">The item in it.</param>
/// <param name="Domain">The domain that decides its next hop.</param>
/// <param name="Attempts">Attempts made.</param>
/// <param name="Place">Where it was.</param>
/// <param name="MayBeRerouted">True where the domain need not be its recipients'.</param>
internal readonly record struct SlotFacts(int Slot, QueueId Id, string Domain, int Attempts, SlotPlace Place, bool MayBeRerouted);
