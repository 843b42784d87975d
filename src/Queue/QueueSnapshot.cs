namespace SlimtaFast.Queue;

/// <summary>What a queue held at one moment. Immutable.</summary>
/// <param name="Waiting">Items that wait for their next due time; all of them in a holding queue.</param>
/// <param name="Ready">Items whose time has come and that wait for their turn, those of suspended hops included.</param>
/// <param name="Active">Attempts that run.</param>
/// <param name="Recording">Items whose outcome is being recorded.</param>
/// <param name="SuspendedHops">Next hops that are not used, because they were down.</param>
/// <param name="Domains">Different recipient domains.</param>
/// <param name="Hops">Each next hop that is known at present; empty where they were not asked for.</param>
public sealed record QueueSnapshot(int Waiting, int Ready, int Active, int Recording, int SuspendedHops, int Domains, IReadOnlyList<HopSnapshot> Hops);
