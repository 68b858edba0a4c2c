using System.Runtime.InteropServices;

namespace VioActors.Libvirt.Native;

/// <summary>A managed copy of a typed-parameter array, so that nothing native outlives the call that filled
/// it.</summary>
/// <remarks>Whole numbers and booleans are kept as <see cref="long"/> (larger unsigned values saturate), doubles are
/// cut.</remarks>
internal sealed class TypedValues
{
    private readonly Dictionary<string, long> numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> texts = new(StringComparer.Ordinal);

    /// <summary>The number under this name, or null when libvirt did not report it.</summary>
    internal long? Number(string name) => numbers.TryGetValue(name, out var value) ? value : null;

    /// <summary>The text under this name, or null when libvirt did not report it.</summary>
    internal string? Text(string name) => texts.GetValueOrDefault(name);

    /// <summary>Copies <paramref name="count"/> parameters; the native array stays the caller's.</summary>
    // SAFETY: the caller vouches for count live elements; all that is read of them is copied before this returns.
    internal static unsafe TypedValues Copy(TypedParameter* parameters, int count)
    {
        var values = new TypedValues();
        // SAFETY: libvirt gives count initialised elements at parameters; each name and text is terminated.
        for (var i = 0; i < count; i++)
        {
            var parameter = parameters + i;
            var name = Marshal.PtrToStringUTF8((nint)parameter->Field)!;
            if (parameter->Kind == TypedParameterKind.Text)
                values.texts[name] = Marshal.PtrToStringUTF8(parameter->Text) ?? "";
            else
                values.numbers[name] = NumberOf(parameter);
        }
        return values;
    }

    // SAFETY: the caller passes a live element; the kind says which member of the union is set.
    private static unsafe long NumberOf(TypedParameter* parameter) => parameter->Kind switch
    {
        TypedParameterKind.Int => parameter->Int,
        TypedParameterKind.UInt => parameter->UInt,
        TypedParameterKind.Long => parameter->Long,
        TypedParameterKind.ULong => (long)Math.Min(parameter->ULong, long.MaxValue),
        TypedParameterKind.Double => (long)parameter->Double,
        TypedParameterKind.Boolean => parameter->Boolean,
        _ => 0,
    };
}
