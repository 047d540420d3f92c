import { Controller, Get, Param } from '@nestjs/common';
import { PluginRegistry } from 'nestjs-pluginkit';

type PriceRule = (price: number) => number;

@Controller('prices')
export class PricesController {
  constructor(private readonly plugins: PluginRegistry) {}

  @Get(':price')
  price(@Param('price') price: string): string {
    const rules = this.plugins.extensions<PriceRule>('shop.prices');
    return rules.reduce((sum, rule) => rule(sum), Number(price)).toFixed(2);
  }
}
