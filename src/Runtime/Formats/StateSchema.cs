using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace VioActors.Runtime;

/// <summary>
/// A hash of a state type's shape: the names and types of its public properties, all the way down. A snapshot of
/// another shape is ignored and the journal replayed, so changing a state record never needs a migration.
/// </summary>
internal static class StateSchema
{
    public static string Of(Type state)
    {
        var shape = new StringBuilder();
        Describe(state, shape, []);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(shape.ToString())).AsSpan(0, 16));
    }

    private static void Describe(Type type, StringBuilder shape, HashSet<Type> seen)
    {
        shape.Append(type.Namespace).Append('.').Append(type.Name);
        if (!seen.Add(type))
            return;
        if (type.IsEnum)
            shape.Append('(').AppendJoin(',', Enum.GetNames(type)).Append(')');
        foreach (var argument in type.GetGenericArguments())
            Describe(argument, shape.Append('<'), seen);
        if (type.GetElementType() is { } element)
            Describe(element, shape.Append('['), seen);
        if (type.IsPrimitive || type.IsEnum || type.Namespace?.StartsWith("System", StringComparison.Ordinal) == true)
            return;
        foreach (var derived in type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false))
            Describe(derived.DerivedType, shape.Append('|').Append(derived.TypeDiscriminator), seen);
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance);
        Array.Sort(properties, (a, b) => string.CompareOrdinal(a.Name, b.Name));
        foreach (var property in properties)
            Describe(property.PropertyType, shape.Append('{').Append(property.Name).Append(':'), seen);
        shape.Append('}');
    }
}
