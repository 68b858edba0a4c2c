namespace VioActors.Actors.Adaptation.Packing;

/// <summary>A host that machines are packed on.</summary>
/// <param name="Capacity">Its CPU, in the unit of the machines' demands.</param>
/// <param name="Efficiency">CPU for each watt in full use: more fills first.</param>
public readonly record struct PackingHost(double Capacity, double Efficiency);

/// <summary>A machine that is packed.</summary>
/// <param name="Expected">Expected demand of CPU.</param>
/// <param name="MoveSeconds">How long its move takes.</param>
public readonly record struct PackingItem(double Expected, double MoveSeconds);

/// <summary>One machine to another host.</summary>
/// <param name="Item">The machine's index.</param>
/// <param name="From">The host it leaves.</param>
/// <param name="To">The host it goes to.</param>
public readonly record struct PackingMove(int Item, int From, int To);
