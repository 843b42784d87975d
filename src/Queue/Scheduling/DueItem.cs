namespace SlimtaFast.Queue.Scheduling;

/// <summary>An item whose time has come, on its way from the waiting ones to its next hop. Immutable.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="Domain">Its domain, for which the relay names the hop.</param>
internal readonly record struct DueItem(int Slot, string Domain);
