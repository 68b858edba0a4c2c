using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VioActors.Contracts.Agents;

namespace VioActors.Contracts.Tests;

/// <summary>
/// The JSON of a type as text: one line per property, and the types it is made of below their own names.
/// </summary>
internal static class WireShape
{
    /// <summary>
    /// Every wire type, the frames of the agents' protocol, and every type of ours inside one: by name, each with its
    /// lines.
    /// </summary>
    public static SortedDictionary<string, string> All()
    {
        var shapes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, type) in Wire.Types) shapes[name] = Lines(type, shapes);
        Name(typeof(AgentFrame), shapes);
        return shapes;
    }

    /// <summary>Reads what <see cref="Print"/> writes.</summary>
    public static SortedDictionary<string, string> Read(string text) => new(
        text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block => block.TrimEnd().Split('\n', 2))
            .ToDictionary(block => block[0], block => block.Length > 1 ? block[1] : ""), StringComparer.Ordinal);

    public static string Print(SortedDictionary<string, string> shapes) => string.Join(
        "\n\n", shapes.Select(shape => shape.Value.Length > 0 ? $"{shape.Key}\n{shape.Value}" : shape.Key)) + "\n";

    private static string Lines(Type type, SortedDictionary<string, string> shapes)
    {
        if (type.IsEnum) return string.Join('\n', Enum.GetValuesAsUnderlyingType(type).Cast<object>()
            .Select(value => "  " + JsonSerializer.Serialize(Enum.ToObject(type, value), type, Wire.Json)));
        var info = Wire.Json.GetTypeInfo(type);
        var derived = info.PolymorphismOptions?.DerivedTypes.Select(one =>
            $"  {info.PolymorphismOptions.TypeDiscriminatorPropertyName}={one.TypeDiscriminator}: "
                + Name(one.DerivedType, shapes)) ?? [];
        var properties = info.Properties.Where(property => property.Get is not null).Select(property =>
            $"  {property.Name}: {Name(property.PropertyType, shapes)}{(property.IsGetNullable ? "?" : "")}");
        return string.Join('\n', derived.Concat(properties.Order(StringComparer.Ordinal)));
    }

    private static string Name(Type type, SortedDictionary<string, string> shapes)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var info = Wire.Json.GetTypeInfo(type);
        if (info.Kind == JsonTypeInfoKind.Enumerable) return $"[{Name(info.ElementType!, shapes)}]";
        if (info.Kind == JsonTypeInfoKind.Dictionary)
            return $"{{{Name(info.KeyType!, shapes)}: {Name(info.ElementType!, shapes)}}}";
        var ours = type.Assembly == typeof(Wire).Assembly && (type.IsEnum || info.Kind == JsonTypeInfoKind.Object);
        if (!ours) return type.Name;
        var name = Wire.Types.FirstOrDefault(pair => pair.Value == type).Key ?? type.Name;
        // Known before its lines are made, so that a type that holds itself ends.
        if (shapes.TryAdd(name, "")) shapes[name] = Lines(type, shapes);
        return name;
    }
}
